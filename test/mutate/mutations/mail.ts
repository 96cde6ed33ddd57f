import type { Mutation } from '../mutation.ts'

const DISK = 'test/engine/inline/disk.test.ts'
const MAILBOX = 'test/engine/mailbox.test.ts'
const INLINE = 'test/engine/inline.test.ts'

/** The order of mail, its times and its ids, on either engine; and the engine in memory. */
export const mail: readonly Mutation[] = [
  {
    name: 'a cancellation waits behind other mail',
    file: 'src/engine/mailbox.ts',
    find: 'if (overtakes(mail.envelope)) unshift(box.queue, mail)\n  else push(box.queue, mail)',
    replace: 'push(box.queue, mail)',
    caughtBy: [MAILBOX, 'a box gives a cancellation and a stop before all'],
  },
  {
    name: 'an interrupted turn is repeated before the cancellation that ended it',
    file: 'src/engine/mailbox.ts',
    find: '[mail, ...overtaking.reverse()]',
    replace: '[...overtaking.reverse(), mail]',
    caughtBy: [MAILBOX, 'a box takes mail back behind what overtakes'],
  },
  {
    name: 'a cancellation interrupts other work too',
    file: 'src/engine/mailbox.ts',
    find: "return type === 'cancel' && belongsToWork(running, correlationId)",
    replace: "return type === 'cancel' && belongsToWork(running, running.correlationId)",
    caughtBy: [INLINE, 'inline engine cancellation a turn of other work is not interrupted'],
  },
  {
    name: 'a cancellation leaves the mail of its work',
    file: 'src/engine/mailbox.ts',
    find: '({ envelope }) => belongsToWork(envelope, correlationId)',
    replace: '({ envelope }) => belongsToWork(envelope, correlationId) && false',
    caughtBy: [MAILBOX, 'the mail of a piece of work is taken out of the box'],
  },
  {
    name: 'mail that waited for a stopped actor begins its next life',
    file: 'src/engine/mailbox.ts',
    find: 'for (const waiting of itemsOf(box.queue)) waiting.stopped = true',
    replace: '',
    caughtBy: [INLINE, 'inline engine stopping a running effect is interrupted; waiting mail becomes dead letters'],
  },
  {
    name: 'a queue keeps what was taken',
    file: 'src/engine/queue.ts',
    find: '  items[head] = undefined\n',
    replace: '',
    caughtBy: ['test/engine/queue.test.ts', 'a queue keeps no more than twice what waits, and nothing that was taken'],
  },
  {
    name: 'turns never let other work of the process go first',
    file: 'src/engine/run-loop.ts',
    find: 'else clock.soon(goOn)',
    replace: 'else goOn()',
    caughtBy: ['test/engine/run-loop.test.ts', 'yields to other work of the process after many turns, and continues'],
  },
  {
    name: 'a timer is due at once',
    file: 'src/engine/envelope.ts',
    find: 'createdAt: now, due: now + delay }',
    replace: 'createdAt: now, due: now }',
    caughtBy: [INLINE, 'inline engine timers a timer fires once, at its time, as part of the work that set it'],
  },
  {
    name: 'a caller can change what it told',
    file: 'src/engine/envelope.ts',
    find: 'body: asFrozenJson(body, losslessJson),',
    replace: 'body,',
    caughtBy: [INLINE, 'inline engine delivery a caller may change a message after it was sent'],
  },
  {
    name: 'a list puts texts before numbers',
    file: 'src/engine/select.ts',
    find: "['undefined', 'number', 'string']",
    replace: "['undefined', 'string', 'number']",
    caughtBy: [INLINE, 'inline engine index a list sorts actors without the field first, then numbers, then texts'],
  },
  {
    name: 'a message that was taken stays on the disk',
    file: 'src/engine/inline/disk.ts',
    find: '      removeMail(disk, name, commit.taken)\n',
    replace: '',
    caughtBy: [DISK, 'a commit takes its message from the disk'],
  },
  {
    name: 'an id that came before is taken for new, in memory',
    file: 'src/engine/inline/disk.ts',
    find: 'return first !== undefined',
    replace: 'return false',
    caughtBy: [INLINE, 'inline engine delivery a message that is sent twice with the same id arrives once'],
  },
  {
    name: 'ids are remembered for ever, in memory',
    file: 'src/engine/inline/disk.ts',
    find: 'if (at >= now - ID_RETENTION_MS) break',
    replace: 'if (at >= 0) break',
    caughtBy: [INLINE, 'the ids of the last 24 hours only'],
  },
  {
    name: 'parts and events outlive their actor, in memory',
    file: 'src/engine/inline/disk.ts',
    find: 'of [disk.cells, disk.parts, disk.events]) table',
    replace: 'of [disk.cells]) table',
    caughtBy: [
      INLINE,
      'inline engine parts parts are removed with their actor; a new actor with the same key has none',
    ],
  },
  {
    name: 'events are numbered from nought',
    file: 'src/engine/inline/disk.ts',
    find: 'cell.events - events.length + 1',
    replace: 'cell.events - events.length',
    caughtBy: [DISK, 'events are numbered without gap'],
  },
  {
    name: 'an actor takes two messages at a time',
    file: 'src/engine/inline/scheduler.ts',
    find: 'if (box.running || box.held || !hasMail(box)) return',
    replace: 'if (box.held || !hasMail(box)) return',
    caughtBy: [INLINE, 'inline engine delivery an actor takes one message at a time while others continue'],
  },
]
