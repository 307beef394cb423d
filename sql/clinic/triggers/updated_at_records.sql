-- One updated_at trigger on every table of this app that has the column.
create trigger updated_at before update on clinic.medical_records for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.prescriptions for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.prescription_items for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.lab_results for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.imaging_results for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.vaccination_records for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.payments for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.insurance_claims for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.health_screening_packages for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.health_screening_results for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.system_settings for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.feature_flags for each row execute function public.update_updated_at_column();

-- undo
drop trigger updated_at on clinic.feature_flags;
drop trigger updated_at on clinic.system_settings;
drop trigger updated_at on clinic.health_screening_results;
drop trigger updated_at on clinic.health_screening_packages;
drop trigger updated_at on clinic.insurance_claims;
drop trigger updated_at on clinic.payments;
drop trigger updated_at on clinic.vaccination_records;
drop trigger updated_at on clinic.imaging_results;
drop trigger updated_at on clinic.lab_results;
drop trigger updated_at on clinic.prescription_items;
drop trigger updated_at on clinic.prescriptions;
drop trigger updated_at on clinic.medical_records;
