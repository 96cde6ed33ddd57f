import type { Mutation } from '../mutation.ts'

const SUPERVISE = 'test/kernel/supervise.test.ts'
const JOURNAL = 'test/kernel/journal.test.ts'
const INLINE = 'test/engine/inline.test.ts'

const AT_ONCE = 'parallel effects overlap, are not retried, and report in their order'

/** Effects, their retries, and the journal they are replayed from. */
export const effects: readonly Mutation[] = [
  {
    name: 'each attempt has an idempotency key of its own',
    file: 'src/kernel/journal.ts',
    find: '{ signal: journal.signal, idempotencyKey, ',
    replace: '{ signal: journal.signal, idempotencyKey: attempt.number + idempotencyKey, ',
    caughtBy: [
      INLINE,
      'inline engine effects the idempotency key of a message and an effect is the same for all attempts',
    ],
  },
  {
    name: 'an at-most-once effect that was interrupted is run again',
    file: 'src/kernel/attempt/at-most-once.ts',
    find: 'attempt ? attempt.goOn() : unknown()',
    replace: 'attempt ? attempt.goOn() : perform()',
    caughtBy: [
      INLINE,
      'inline engine replay an at-most-once effect that a crash interrupted is unknown and does not run again',
    ],
  },
  {
    name: 'an at-most-once effect does not wait for its mark to be durable',
    file: 'src/kernel/attempt/at-most-once.ts',
    find: "{ start: 'durable', until: 'durable' }",
    replace: "{ start: 'durable', until: 'recorded' }",
    caughtBy: [JOURNAL, 'journaledEffects: classes at-most-once'],
  },
  {
    name: 'an at-most-once effect that waits for its place begins before its mark is on disk',
    file: 'src/kernel/attempt/at-most-once.ts',
    find: 'if (hasBegun)',
    replace: 'if (!hasBegun)',
    caughtBy: [JOURNAL, 'journaledEffects: an at-most-once effect that begins waits for its place without a mark'],
  },
  {
    name: 'a call that must not be repeated is marked while it waits in the queue of its pool',
    file: 'src/step/batch/attempt-step.ts',
    find: '{ effect, begins: true, failed, sent }',
    replace: '{ effect, failed, sent }',
    caughtBy: [
      'test/pipeline/crash.test.ts',
      'a call that must not be repeated writes nothing while it waits in the queue',
    ],
  },
  {
    name: 'an attempt that a kill cut off does not count',
    file: 'src/kernel/journal.ts',
    find: 'if (mark?.isLeft) return',
    replace: 'if (mark && !mark) return',
    caughtBy: [JOURNAL, 'journaledEffects: counted attempts a mark without an outcome is a failed attempt'],
  },
  {
    name: 'a stop in order uses up an attempt',
    file: 'src/engine/attempt-mark.ts',
    find: '    turn.waits = appended(turn.waits, () => record(key, ENDED_IN_ORDER))\n',
    replace: '',
    caughtBy: [INLINE, 'inline engine stop a counted attempt counts if a crash cuts it off, not if a stop ends it'],
  },
  {
    name: 'an idempotent effect starts as early as a pure one',
    file: 'src/kernel/journal.ts',
    find: 'isEarly ? AT_ONCE : WHEN_DURABLE',
    replace: 'AT_ONCE',
    caughtBy: [JOURNAL, 'journaledEffects: classes idempotent'],
  },
  {
    name: 'a call leaves before its causes are on disk',
    file: 'src/budget/room/charging/account.ts',
    find: 'await whenDurable?.()',
    replace: '',
    caughtBy: [
      'test/budget/charging/metered.test.ts',
      'money is reserved before a call may leave, and the call waits until it may',
    ],
  },
  {
    name: 'what is never repeated is run at once with others',
    file: 'src/kernel/journal.ts',
    find: "effects.find(({ effect }) => effect === 'at-most-once')",
    replace: 'effects.find(() => false)',
    caughtBy: [INLINE, 'inline engine effects an at-most-once effect does not run in parallel with others'],
  },
  {
    name: 'after effects that were run at once none runs any more',
    file: 'src/kernel/journal.ts',
    find: 'runs).finally(release)',
    replace: 'runs)',
    caughtBy: [INLINE, `inline engine effects ${AT_ONCE}`],
  },
  {
    name: 'what failed of effects that are run at once is not thrown',
    file: 'src/kernel/journal.ts',
    find: 'throw errorOf(end.value.error)',
    replace: 'return null',
    caughtBy: [INLINE, `inline engine effects ${AT_ONCE}`],
  },
  {
    name: 'effects that are run at once share a key',
    file: 'src/kernel/journal.ts',
    find: '{ key: run.name, number: 1,',
    replace: "{ key: 'all', number: 1,",
    caughtBy: [
      INLINE,
      'inline engine replay when effects run in parallel, a crash repeats those that had not ended, with the same idempotency keys',
    ],
  },
  {
    name: 'a busy pool counts as an attempt',
    file: 'src/kernel/journal.ts',
    find: 'if (!isBusy(outcome.error)) number++',
    replace: 'number++',
    caughtBy: [INLINE, 'inline engine effects a busy pool does not count as an attempt'],
  },
  {
    name: 'an interrupted effect is recorded as a failed one',
    file: 'src/kernel/journal.ts',
    find: 'if (isInterruption(error) || call.signal.aborted) throw error',
    replace: '',
    caughtBy: [JOURNAL, 'journaledEffects: interruption records nothing'],
  },
  {
    name: 'the time is read anew on replay',
    file: 'src/kernel/journal.ts',
    find: "time ??= journal.once('#now', async () => ({ value: journal.now() }), AT_ONCE)",
    replace: 'time ??= Promise.resolve({ value: journal.now() })',
    caughtBy: [INLINE, 'inline engine replay the time is the same on replay'],
  },
  {
    name: 'a first run sees what no replay will see',
    file: 'src/kernel/journal.ts',
    find: 'return { value: asFrozenJson(value, losslessJson), ...(before && (await before)) }',
    replace: 'return { value, ...(before && (await before)) }',
    caughtBy: [INLINE, 'inline engine replay a result is the same value on the first run and on replay'],
  },
  {
    name: 'a replay asks supervision again',
    file: 'src/kernel/journal.ts',
    find: "const directive = outcome.directive ?? { type: 'fail' }",
    replace: 'const directive = judge(whose, run, { key, number, passed }, outcome.error, 0)',
    caughtBy: [JOURNAL, 'journaledEffects: outcomes replay decides as the first run did, without asking supervision'],
  },
  {
    name: 'two effects of a turn may run at once',
    file: 'src/kernel/journal.ts',
    find: '    busy = true\n',
    replace: '',
    caughtBy: [INLINE, 'inline engine effects effects of a turn run one after another'],
  },
  {
    name: 'a terminal problem is retried',
    file: 'src/kernel/attempt/supervise.ts',
    find: 'if (problem.terminal || problem.bug || (',
    replace: 'if (problem.bug || (',
    caughtBy: [SUPERVISE, 'defaultDirective a terminal problem'],
  },
  {
    name: 'an at-most-once effect is retried',
    file: 'src/kernel/attempt/supervise.ts',
    find: "failure.class === 'at-most-once' ? 1 : 6",
    replace: '6',
    caughtBy: [SUPERVISE, 'defaultDirective an at-most-once effect'],
  },
  {
    name: 'the pause before a retry does not grow',
    file: 'src/kernel/attempt/supervise.ts',
    find: '200 * 2 ** (attempt - 1)',
    replace: '200 + 0 * attempt',
    caughtBy: [SUPERVISE, 'backoff doubles up to half a minute, spread by at most a quarter'],
  },
  {
    name: 'a turn that catches its own interruption is committed',
    file: 'src/engine/interrupt.ts',
    find: '      turn.interrupted = true\n',
    replace: '',
    caughtBy: [INLINE, 'inline engine cancellation a turn that catches its own interruption still commits nothing'],
  },
  {
    name: 'nobody tells an effect that it is to end',
    file: 'src/engine/interrupt.ts',
    find: '  turn.controller.abort()\n',
    replace: '',
    caughtBy: [
      INLINE,
      'inline engine cancellation a running effect is interrupted: nothing is committed, and the caller gets an error',
    ],
  },
  {
    name: 'an outcome is not journaled in memory',
    file: 'src/engine/interrupt.ts',
    find: '      if (!turn.halted) record(key, outcome)\n',
    replace: '',
    caughtBy: [INLINE, 'inline engine replay an outcome is replayed, and its effect does not run again'],
  },
]
