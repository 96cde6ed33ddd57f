import type { Mutation } from '../mutation.ts'

const LIBSQL = 'test/engine/libsql.test.ts'
const SIMULATION = ['test/simulation/simulation.test.ts', 'the libsql engine keeps its promises'] as const

/** What a batch holds, in which order batches are written, and what recovery makes of them. */
export const log: readonly Mutation[] = [
  {
    name: 'mail that is not taken is not written',
    file: 'src/engine/libsql/batch.ts',
    find: 'batch.mail.filter((letter) => letter.taken !== batch.seq)',
    replace: 'batch.mail.filter((letter) => letter.taken > batch.seq)',
    caughtBy: [LIBSQL, 'libsql delivery told mail that waits survives a crash, in order'],
  },
  {
    name: 'an outcome is not written',
    file: 'src/engine/libsql/batch.ts',
    find: 'batch.outcomes.filter(({ letter }) => letter.taken !== batch.seq)',
    replace: 'batch.outcomes.filter(({ letter }) => letter.taken > batch.seq)',
    caughtBy: [LIBSQL, 'libsql replay an outcome is replayed, its effect not run again'],
  },
  {
    name: 'events are numbered from nought, on disk',
    file: 'src/engine/libsql/recorder.ts',
    find: 'commit.cell.events - commit.events.length + 1',
    replace: 'commit.cell.events - commit.events.length',
    caughtBy: [LIBSQL, 'libsql events events are numbered without gap, over turns'],
  },
  {
    name: 'a cancellation leaves what sleeps',
    file: 'src/engine/libsql/recorder.ts',
    find: ', ...inbox.takeOut(resident.name, correlationId)]',
    replace: ']',
    caughtBy: [LIBSQL, 'libsql cancelledMail a start that sleeps until its time is dropped'],
  },
  {
    name: 'a timer loses its name on disk',
    file: 'src/engine/libsql/pack.ts',
    find: 'packed.push(due, timer ?? 0)',
    replace: 'packed.push(due, timer === undefined ? 0 : 0)',
    caughtBy: [LIBSQL, 'libsql timers timers survive a stop and a crash; replaced and cancelled ones do not'],
  },
  {
    name: 'the tokens of timers are not written',
    file: 'src/engine/libsql/pack.ts',
    find: "status === 'live' && isEmpty(timers)",
    replace: "status === 'live' && isEmpty(timers) !== undefined",
    caughtBy: [LIBSQL, 'libsql timers timers survive a stop and a crash; replaced and cancelled ones do not'],
  },
  {
    name: 'recovery forgets outcomes',
    file: 'src/engine/libsql/recover.ts',
    find: 'if (letter) letter.outcomes = outcomes',
    replace: 'if (letter) letter.outcomes = new Map()',
    caughtBy: [LIBSQL, 'libsql replay an outcome is replayed, its effect not run again'],
  },
  {
    name: 'recovery keeps parts of a former life',
    file: 'src/engine/libsql/recover.ts',
    find: '  resident.wiped = true\n',
    replace: '',
    caughtBy: SIMULATION,
  },
  {
    name: 'a half written row counts as written',
    file: 'src/engine/libsql/recover.ts',
    find: 'sum === UNCHECKED || checksumOf(data, ids) === sum',
    replace: 'sum === UNCHECKED || checksumOf(data, ids) !== 0',
    caughtBy: [
      'test/simulation/found.test.ts',
      'processes that die one after the other in the midst of their first flush',
    ],
  },
  {
    name: 'half written rows stay in the log',
    file: 'src/engine/libsql/checkpoint.ts',
    find: "['dropTorn', torn.map((seq) => [seq])]",
    replace: "['dropTorn', torn.slice(1).map((seq) => [seq])]",
    caughtBy: [
      'test/simulation/found.test.ts',
      'processes that die one after the other in the midst of their first flush',
    ],
  },
  {
    name: 'an earlier timer does not go before a later one',
    file: 'src/engine/libsql/timers.ts',
    find: 'a.envelope.due! < b.envelope.due!',
    replace: 'a.envelope.due! > b.envelope.due!',
    caughtBy: [LIBSQL, 'libsql timers timers fire in the order of their times'],
  },
  {
    name: 'after a timer that fired the later ones sleep on',
    file: 'src/engine/libsql/timers.ts',
    find: 'fire(pop(heap))\n    arm()',
    replace: 'fire(pop(heap))',
    caughtBy: [LIBSQL, 'libsql timers timers fire in the order of their times'],
  },
  {
    name: 'all that was left is taken up, not only what was asked for',
    file: 'src/engine/libsql/inbox.ts',
    find: '(only === undefined || envelope.correlationId === only)',
    replace: '(only !== null || envelope.correlationId === only)',
    caughtBy: [LIBSQL, 'libsql stop start({ only }) takes up one piece of work'],
  },
]
