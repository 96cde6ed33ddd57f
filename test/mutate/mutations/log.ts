import type { Mutation } from '../mutation.ts'

const LIBSQL = 'test/engine/libsql.test.ts'
const FOUND = 'test/simulation/found.test.ts'
const RECOVER = 'test/engine/libsql/log/recovery.test.ts'
const RECORDER = 'test/engine/libsql/apply-commit.test.ts'

/** What a batch holds, in which order batches are written, and what recovery makes of them. */
export const log: readonly Mutation[] = [
  {
    name: 'a batch is sealed in the midst of a turn',
    file: 'src/engine/libsql/apply-commit.ts',
    find: '    batch.turns++\n',
    replace: '    batch.turns++\n    committer.endTurn()\n',
    caughtBy: [RECORDER, 'the messages that a turn took are in the row of its cell'],
  },
  {
    name: 'a later batch is written before an earlier one',
    file: 'src/engine/libsql/log/committer.ts',
    find: 'database.write(sealed.shift()!)',
    replace: 'database.write(sealed.pop()!)',
    caughtBy: [RECORDER, 'batches are written in the order'],
  },
  {
    name: 'mail that is not taken is not written',
    file: 'src/engine/libsql/log/batch.ts',
    find: 'batch.mail.filter((message) => message.taken !== batch.seq)',
    replace: 'batch.mail.filter((message) => message.taken > batch.seq)',
    caughtBy: [LIBSQL, 'libsql delivery waiting mail survives a crash, in order'],
  },
  {
    name: 'an outcome is not written',
    file: 'src/engine/libsql/log/batch.ts',
    find: 'batch.outcomes.filter(({ message }) => message.taken !== batch.seq)',
    replace: 'batch.outcomes.filter(({ message }) => message.taken > batch.seq)',
    caughtBy: [LIBSQL, 'libsql replay an outcome is replayed, and its effect does not run again'],
  },
  {
    name: 'parts that were written before a stop in the same batch stay',
    file: 'src/engine/libsql/log/batch.ts',
    find: '  batch.parts.delete(activation)\n',
    replace: '',
    caughtBy: [
      'test/engine/libsql/log/log-row.test.ts',
      'parts and events written before a stop in the same batch do not reach the next life of the actor',
    ],
  },
  {
    name: 'a message that was taken is taken again',
    file: 'src/engine/libsql/apply-commit.ts',
    find: 'if (message.born !== batch.seq) batch.taken.push(message)',
    replace: '',
    caughtBy: [RECORDER, 'the messages that a turn took are in the row of its cell'],
  },
  {
    name: 'events are numbered from nought, on disk',
    file: 'src/engine/libsql/apply-commit.ts',
    find: 'events - bodies.length + 1',
    replace: 'events - bodies.length',
    caughtBy: [RECORDER, 'events are numbered from one'],
  },
  {
    name: 'a cancellation leaves what sleeps',
    file: 'src/engine/libsql/apply-commit.ts',
    find: ', ...router.takeOut(activation.name, correlationId)]',
    replace: ']',
    caughtBy: [LIBSQL, 'libsql cancelledMail a delayed start is dropped before its actor exists'],
  },
  {
    name: 'a timer loses its name on disk',
    file: 'src/engine/libsql/codec.ts',
    find: 'packed.push(due ?? null, timer ?? 0)',
    replace: 'packed.push(due ?? null, timer === undefined ? 0 : 0)',
    caughtBy: [LIBSQL, 'libsql timers timers survive a stop and a crash; replaced and cancelled ones do not'],
  },
  {
    name: 'a trace is lost on disk',
    file: 'src/engine/libsql/codec.ts',
    find: 'packed.push(trace)',
    replace: 'packed.push(trace && null)',
    caughtBy: [LIBSQL, 'libsql traces a trace spans messages, answers, timers and a crash'],
  },
  {
    name: 'the tokens of timers are not written',
    file: 'src/engine/libsql/codec.ts',
    find: '!halting && isEmpty(timers)',
    replace: '!halting && isEmpty(timers) !== undefined',
    caughtBy: ['test/engine/libsql/codec.test.ts', 'a cell is the same when it is read again with timers'],
  },
  {
    name: 'recovery forgets what was taken',
    file: 'src/engine/libsql/log/recovery.ts',
    find: '    sink.pending.delete(id)\n',
    replace: '',
    caughtBy: [RECOVER, 'mail waits until the log takes it'],
  },
  {
    name: 'recovery forgets outcomes',
    file: 'src/engine/libsql/log/recovery.ts',
    find: 'if (letter && !letter.damage) letter.outcomes = outcomes',
    replace: 'if (letter) letter.outcomes = new Map()',
    caughtBy: [LIBSQL, 'libsql replay an outcome is replayed, and its effect does not run again'],
  },
  {
    name: 'recovery keeps parts of a former life',
    file: 'src/engine/libsql/log/recovery.ts',
    find: '  activation.wiped = true\n',
    replace: '',
    caughtBy: [RECOVER, 'a restarted actor has nothing of its earlier life'],
  },
  {
    name: 'a half written row counts as written',
    file: 'src/engine/libsql/log/recovery.ts',
    find: 'logChecksum(data, ids, seq) === sum',
    replace: 'logChecksum(data, ids, seq) !== 0',
    caughtBy: [FOUND, 'processes that die one after the other in the midst of their first flush'],
  },
  {
    name: 'half written rows stay in the log',
    file: 'src/engine/libsql/log/checkpoint.ts',
    find: "['dropTorn', torn.map((seq) => [seq])]",
    replace: "['dropTorn', torn.slice(1).map((seq) => [seq])]",
    caughtBy: [FOUND, 'processes that die one after the other in the midst of their first flush'],
  },
  {
    name: 'an earlier timer does not go before a later one',
    file: 'src/engine/libsql/timers.ts',
    find: '=> a.at < b.at',
    replace: '=> a.at > b.at',
    caughtBy: [LIBSQL, 'libsql timers timers fire in the order of their times'],
  },
  {
    name: 'after a timer that fired the later ones sleep on',
    file: 'src/engine/libsql/timers.ts',
    find: 'fire(message)\n    }\n    arm()',
    replace: 'fire(message)\n    }',
    caughtBy: ['test/engine/libsql/timers.test.ts', 'each fires at its time'],
  },
  {
    name: 'all that was left is taken up, not only what was asked for',
    file: 'src/engine/libsql/router.ts',
    find: 'only === undefined ? held.values()',
    replace: 'only !== null ? held.values()',
    caughtBy: [LIBSQL, 'libsql stop start({ only }) resumes one piece of work'],
  },
]
