"""What the queue does for itself."""

from procrastinate import Blueprint, JobContext

tasks = Blueprint()


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="revive", queueing_lock="revive", pass_context=True)
async def revive(context: JobContext, timestamp: int) -> None:
    """Queue again what a worker had begun when it was killed."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)
