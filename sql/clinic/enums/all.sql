-- The enums that several apps share live in public, as first designed.
create type public.user_role as enum ('patient', 'doctor', 'nurse', 'staff', 'admin', 'superadmin');
create type public.gender as enum ('male', 'female', 'other', 'prefer_not_to_say');
create type public.chas_card_type as enum ('blue', 'orange', 'green', 'none');
create type public.appointment_status as enum (
  'scheduled', 'confirmed', 'in_progress', 'completed', 'cancelled', 'no_show', 'rescheduled');
create type public.queue_status as enum ('waiting', 'called', 'serving', 'completed', 'cancelled');
create type public.appointment_type as enum ('consultation', 'follow-up', 'vaccination', 'screening');
create type public.appointment_source as enum ('online', 'walk-in', 'phone');
create type public.employment_type as enum ('full-time', 'part-time', 'contract');

grant usage on type public.user_role, public.gender, public.chas_card_type,
  public.appointment_status, public.queue_status, public.appointment_type,
  public.appointment_source, public.employment_type to public;

-- undo
drop type public.employment_type;
drop type public.appointment_source;
drop type public.appointment_type;
drop type public.queue_status;
drop type public.appointment_status;
drop type public.chas_card_type;
drop type public.gender;
drop type public.user_role;
