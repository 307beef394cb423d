-- Making, fetching and revoking a feed are on record; the hash of its token is not.
call audit.attach('clinic.calendar_feeds', 'id', '{token_hash}');

-- undo
call audit.detach('clinic.calendar_feeds');
