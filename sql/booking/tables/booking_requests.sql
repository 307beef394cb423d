-- One row per use of an idempotency key. It is written in the transaction of its booking or not at
-- all; a refusal leaves none, so the key may be tried again.
create table booking.booking_requests (
  clinic_id uuid not null,
  user_id uuid not null,
  operation text not null check (operation in (
    'book', 'cancel', 'reschedule', 'confirm', 'check_in', 'start', 'finish', 'no_show', 'leave',
    'undo', 'overbook', 'book_overlapping', 'book_series', 'move_series', 'cancel_series',
    'undo_series')),
  idempotency_key text not null check (length(idempotency_key) between 1 and 255),
  request_hash bytea not null,
  slot_id uuid,
  patient_id uuid,
  appointment_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (clinic_id, user_id, operation, idempotency_key)
  -- No foreign keys: every id comes from the verified context or from rows just read, and a key
  -- check would lock the same parents in every booking.
);
comment on table booking.booking_requests is
  'Idempotency keys by (clinic, user, operation): the same request again gets the same answer.';
create index booking_requests_created_at on booking.booking_requests using brin (created_at);

call app.make_tenant_table('booking.booking_requests');
create policy book on booking.booking_requests to clinic_booker using (true) with check (true);
comment on policy book on booking.booking_requests is 'The booking functions.';
create policy read on booking.booking_requests for select to clinic_admin, clinic_superadmin using (true);
comment on policy read on booking.booking_requests is 'Administrators, for support.';
grant select on booking.booking_requests to clinic_admin, clinic_superadmin;
grant select, insert, delete on booking.booking_requests to clinic_booker;

-- undo
drop table booking.booking_requests;
