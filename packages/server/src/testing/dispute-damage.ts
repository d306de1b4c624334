// What can be broken about disputes by a superuser with triggers switched off, and which invariant has to notice it.

export const DISPUTE_DAMAGE: readonly (readonly [invariant: string, what: string, sql: string])[] = [
  [
    'I5',
    'a dispute of which the payment does not know',
    'update payments set amount_disputed = 0 where amount_disputed > 0',
  ],
  ['I5', 'a loss that was not posted', `delete from postings where reason = 'dispute_lost'`],
  [
    'I5',
    'a dispute that is won and still held',
    `alter table disputes drop constraint won_reserves_nothing; update disputes set status = 'won'`,
  ],
  ['I7', 'a dispute that only the gateway has', 'delete from disputes'],
  ['I9', 'a step of a dispute that vanished', 'delete from dispute_transitions where from_status is null'],
  ['I10', 'a dispute that time decided', `update dispute_transitions set cause = 'schedule' where to_status = 'lost'`],
  ['I14', 'a dispute that nobody was told of', `delete from events where type = 'dispute.lost'`],
  [
    'I18',
    'a dispute that nobody looks at',
    `alter table disputes drop constraint decided_has_a_time; update disputes set status = 'open'`,
  ],
  ['I23', 'a step of a dispute that nobody made', `update dispute_transitions set actor = ''`],
]
