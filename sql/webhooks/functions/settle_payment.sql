-- A provider says that a payment was made. The worker has no right on payments: this is the one
-- thing that an event may do to them, in the clinic of its source, through that source's gateway.
create function webhook.settle_payment(p_event_id uuid, p_intent_id text, p_amount numeric,
  p_reference text)
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic uuid := app.require_clinic_id();
  v_payment record;
begin
  select p.id, p.status, p.outstanding_amount, p.transaction_reference into v_payment
  from clinic.webhook_events e
  join webhook.sources s on s.clinic_id = v_clinic and s.id = e.webhook_id
  join clinic.payments p on p.clinic_id = v_clinic and p.payment_gateway = s.provider
    and p.payment_intent_id = p_intent_id and p.deleted_at is null
  where e.clinic_id = v_clinic and e.id = p_event_id
  for update of p;
  if not found then
    return 'unknown';
  elsif v_payment.status in ('completed', 'refunded') then
    return case when v_payment.transaction_reference = p_reference then 'already' else 'paid' end;
  elsif v_payment.outstanding_amount <> p_amount then
    return 'mismatch';
  end if;
  update clinic.payments set status = 'completed', paid_amount = paid_amount + p_amount,
    transaction_reference = p_reference
  where clinic_id = v_clinic and id = v_payment.id;
  return 'settled';
end
$$;
comment on function webhook.settle_payment(uuid, text, numeric, text) is
  'Completes the payment of an event''s gateway and intent: settled; already (by the same reference); paid (otherwise, so perhaps twice); mismatch (the amount is not what is outstanding); unknown. RW001.';
call app.make_definer('webhook.settle_payment(uuid, text, numeric, text)', 'clinic_dispatcher');
grant execute on function webhook.settle_payment(uuid, text, numeric, text) to clinic_worker;

create policy settle on clinic.payments to clinic_dispatcher
  using (true) with check (true);
comment on policy settle on clinic.payments is 'webhook.settle_payment.';
grant select (id, clinic_id, status, total_amount, paid_amount, outstanding_amount,
              transaction_reference, payment_gateway, payment_intent_id, deleted_at),
  update (status, paid_amount, transaction_reference) on clinic.payments to clinic_dispatcher;

-- undo
revoke select (id, clinic_id, status, total_amount, paid_amount, outstanding_amount,
               transaction_reference, payment_gateway, payment_intent_id, deleted_at),
  update (status, paid_amount, transaction_reference) on clinic.payments from clinic_dispatcher;
drop policy settle on clinic.payments;
drop function webhook.settle_payment(uuid, text, numeric, text);
