import type { Mutation } from '../mutation.ts'

const LIBSQL = 'test/engine/libsql.test.ts'
const HELD = 'test/engine/libsql/watermark.test.ts'
const SIMULATION = ['test/simulation/simulation.test.ts', 'the libsql engine keeps its promises'] as const

/** What may leave before what it stands on is on disk: acknowledgements, replies, effects, views. */
export const watermark: readonly Mutation[] = [
  {
    name: 'nobody waits for the disk',
    file: 'src/engine/libsql/log/committer.ts',
    find: 'if (seq <= durable) waiter.resolve()',
    replace: 'if (seq <= batch.seq) waiter.resolve()',
    caughtBy: SIMULATION,
  },
  {
    name: 'the watermark is one batch ahead of the disk',
    file: 'src/engine/libsql/log/committer.ts',
    find: '    durable = seq\n',
    replace: '    durable = seq + 1\n',
    caughtBy: SIMULATION,
  },
  {
    name: 'a tell is acknowledged before it is on disk',
    file: 'src/engine/libsql/ingress.ts',
    find: 'await committer.whenDurable(known ? known.seq : seq)',
    replace: 'await Promise.resolve([known, seq])',
    caughtBy: SIMULATION,
  },
  {
    name: 'a reply leaves before its state is on disk',
    file: 'src/engine/libsql/idempotency.ts',
    find: '      batch.answered.push(known)\n',
    replace: '      release(known)\n',
    caughtBy: SIMULATION,
  },
  {
    name: 'an id that is asked again gets its reply before that is on disk',
    file: 'src/engine/libsql/ingress.ts',
    find: '    await committer.whenDurable(seq)\n    return openReply(reply)',
    replace: '    await Promise.resolve(seq)\n    return openReply(reply)',
    caughtBy: [HELD, 'a repeated ask waits for the same write as the first one'],
  },
  {
    name: 'an effect starts before what it stands on is on disk',
    file: 'src/engine/libsql/journal.ts',
    find: "start === 'durable' && grounds > committer.durable",
    replace: "start === 'durable' && grounds > committer.batch.seq",
    caughtBy: SIMULATION,
  },
  {
    name: "an effect does not wait for its actor's last commit",
    file: 'src/engine/libsql/journal.ts',
    find: 'Math.max(message.born, activation.seq)',
    replace: 'message.born',
    caughtBy: [HELD, "an effect waits for its actor's last commit"],
  },
  {
    name: 'an effect does not wait for its message',
    file: 'src/engine/libsql/journal.ts',
    find: 'Math.max(message.born, activation.seq)',
    replace: 'activation.seq',
    caughtBy: SIMULATION,
  },
  {
    name: 'an effect does not wait for the outcome of the one before',
    file: 'src/engine/libsql/journal.ts',
    find: '    grounds = batch.seq\n',
    replace: '',
    caughtBy: SIMULATION,
  },
  {
    name: 'the work of a counted attempt does not wait for its mark',
    file: 'src/engine/attempt-mark.ts',
    find: '    whenKept(done, fail)\n',
    replace: '    done(fail as never)\n',
    caughtBy: [HELD, 'the work of a counted attempt begins when its mark is on disk'],
  },
  {
    name: 'a state is shown before it is on disk',
    file: 'src/engine/libsql/view.ts',
    find: 'if (activation && activation.seq > committer.durable) await',
    replace: 'if (activation && activation.seq > committer.batch.seq) await',
    caughtBy: [HELD, 'a state is shown when it is on disk'],
  },
  {
    name: 'an event is shown before it is on disk',
    file: 'src/engine/libsql/view.ts',
    find: 'batch <= durable)',
    replace: 'batch <= durable + 1_000)',
    caughtBy: [HELD, 'an event is shown when it is on disk'],
  },
  {
    name: 'inspection shows what is not on disk yet',
    file: 'src/engine/libsql/view.ts',
    find: 'await committer.whenDurable(isBatchEmpty(committer.batch)',
    replace: 'void committer.whenDurable(isBatchEmpty(committer.batch)',
    caughtBy: [LIBSQL, 'libsql inspection inspection shows only state that survives a crash'],
  },
  {
    name: 'who waits is not told that the disk failed',
    file: 'src/engine/libsql/log/committer.ts',
    find: 'for (const { waiters } of undurable) for (const { reject } of waiters) reject(failure)',
    replace: '',
    caughtBy: [HELD, 'a waiter of a disk that fails gets an error'],
  },
  {
    name: 'work is taken in after the disk failed',
    file: 'src/engine/libsql/lifecycle.ts',
    find: '  if (state.failure) throw state.failure\n',
    replace: "  if (state.phase === 'failed') state.phase = 'open'\n",
    caughtBy: [HELD, 'a waiter of a disk that fails gets an error'],
  },
]
