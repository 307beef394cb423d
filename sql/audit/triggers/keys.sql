-- Making, rotating, retiring and destroying a key are on record; the key, even wrapped, is not.
call audit.attach('app.clinic_keys', 'id', '{wrapped,fingerprint}');

-- undo
call audit.detach('app.clinic_keys');
