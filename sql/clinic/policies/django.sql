-- Django's own tables: what the site must read of them, and no more. Sessions are not among them.
grant select on public.django_migrations to clinic_app;
grant select on public.django_content_type to clinic_app, clinic_staff, clinic_nurse,
  clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
revoke select on public.django_content_type from clinic_app, clinic_staff, clinic_nurse,
  clinic_doctor, clinic_admin, clinic_superadmin;
revoke select on public.django_migrations from clinic_app;
