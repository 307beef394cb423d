-- updated_at is the time of the transaction that changed the row, whoever wrote it and however.
create function public.update_updated_at_column() returns trigger
language plpgsql
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function public.update_updated_at_column() is 'Before-update trigger: sets updated_at to the transaction time.';

-- undo
drop function public.update_updated_at_column();
