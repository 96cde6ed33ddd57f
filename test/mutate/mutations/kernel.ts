import type { Mutation } from '../mutation.ts'

const [COMMIT, TURN] = ['test/kernel/commit.test.ts', 'test/kernel/turn.test.ts']
const INLINE = 'test/engine/inline.test.ts'

/** What a turn comes to. */
export const kernel: readonly Mutation[] = [
  {
    name: 'a timer that fired keeps its token',
    file: 'src/kernel/commit.ts',
    find: 'timer === undefined ? before.timers : without(before.timers, timer)',
    replace: 'before.timers',
    caughtBy: [COMMIT, 'buildCommit: timers drop their token when they fire, unless set again'],
  },
  {
    name: 'timers are forgotten',
    file: 'src/kernel/commit.ts',
    find: 'return turn.timers && (!turn.stop ||',
    replace: 'return turn.timers && (turn.stop ||',
    caughtBy: [COMMIT, 'are messages to the actor itself, and the token in the cell is their id'],
  },
  {
    name: 'a timer that was replaced fires',
    file: 'src/kernel/turn.ts',
    find: 'return cell?.timers[timer] !== id',
    replace: 'return false',
    caughtBy: [INLINE, 'inline engine timers setting a timer again replaces it'],
  },
  {
    name: 'all that a turn sends has one id',
    file: 'src/kernel/commit.ts',
    find: "return hash('sha256', ",
    replace: "return hash('sha256', cause || ",
    caughtBy: [COMMIT, 'ids are the same for the same turn, and no two sends share one'],
  },
  {
    name: 'a commit is not counted',
    file: 'src/kernel/commit.ts',
    find: 'seq: before.seq + 1,',
    replace: 'seq: before.seq,',
    caughtBy: [COMMIT, 'buildCommit: the cell changes nothing but the count of commits'],
  },
  {
    name: 'a cancellation makes earlier ones forgotten',
    file: 'src/kernel/commit.ts',
    find: '[...list.slice(1 - MAX_REMEMBERED_CANCELLATIONS), id]',
    replace: '[id]',
    caughtBy: [COMMIT, 'takenCell remembers the last 64 cancellations, each once'],
  },
  {
    name: 'late mail of cancelled work is run',
    file: 'src/kernel/turn.ts',
    find: '!CONTROL_TYPES.has(type) && cell !== undefined &&',
    replace: 'false && cell !== undefined &&',
    caughtBy: [INLINE, 'inline engine cancelledMail late mail of that work is dropped, and its caller gets an error'],
  },
  {
    name: 'a failed actor goes on taking messages',
    file: 'src/kernel/turn.ts',
    find: "if (cell?.status === 'failed' && !TAKEN_BY_FAILED",
    replace: "if (cell?.status === 'live' && !TAKEN_BY_FAILED",
    caughtBy: [TURN, 'runTurn: what is taken without asking the actor mail for a failed actor is a dead letter'],
  },
  {
    name: 'an interrupted turn is committed as a failure',
    file: 'src/kernel/turn.ts',
    find: 'if (isInterruption(error)) throw error\n  if (isDamageError(error))',
    replace: 'if (isDamageError(error))',
    caughtBy: [TURN, 'runTurn: errors only an interruption rejects'],
  },
  {
    name: 'an actor that fails to fail holds up its engine',
    file: 'src/kernel/turn.ts',
    find: "return fail({ type: 'fail' })",
    replace: 'throw error',
    caughtBy: [TURN, 'runTurn: errors an actor that fails to be reset or to name its parent fails only its message'],
  },
  {
    name: 'a state may be of any size',
    file: 'src/kernel/check.ts',
    find: 'fix(state, KERNEL_LIMITS.cell,',
    replace: 'fix(state, KERNEL_LIMITS.cell * 1024,',
    caughtBy: ['test/kernel/check.test.ts', 'checkTurn a state of 65536 characters is accepted, one more is too_large'],
  },
  {
    name: 'a turn may send any number of messages',
    file: 'src/kernel/check.ts',
    find: 'checkCount(sends.length, KERNEL_LIMITS.sends,',
    replace: 'checkCount(0, KERNEL_LIMITS.sends,',
    caughtBy: ['test/kernel/check.test.ts', 'checkTurn messages: 256 are accepted, one more is invalid'],
  },
  {
    name: 'what a turn decided can still be changed',
    file: 'src/kernel/check.ts',
    find: '  Object.freeze(item)\n',
    replace: '',
    caughtBy: ['test/kernel/check.test.ts', 'is frozen'],
  },
  {
    name: 'the size of a text is guessed, not counted',
    file: 'src/kernel/limits.ts',
    find: 'PLAIN.test(text) ? text.length + 2 : JSON.stringify(text).length',
    replace: 'text.length + 2',
    caughtBy: ['test/kernel/limits.test.ts', 'checkSize counts exactly as JSON does'],
  },
  {
    name: 'an older state replaces one that other code can read',
    file: 'src/kernel/open-cell.ts',
    find: '![version, UNREADABLE_VERSION].includes(stored.version)',
    replace: 'false',
    caughtBy: [
      INLINE,
      'inline engine upgrade an actor whose newest state cannot be read continues with the older one that it kept',
    ],
  },
  {
    name: 'a state is upgraded by one version only',
    file: 'src/kernel/open-cell.ts',
    find: 'step < version; step++)',
    replace: 'step < from + 1; step++)',
    caughtBy: [INLINE, 'inline engine upgrade an old state is upgraded one version at a time'],
  },
  {
    name: 'a state of newer code is taken as it is',
    file: 'src/kernel/open-cell.ts',
    find: 'if (from > version)',
    replace: 'if (from > version + 1000)',
    caughtBy: [
      INLINE,
      'inline engine upgrade older code cannot read a state of newer code, and newer code can read it again',
    ],
  },
  {
    name: 'quarantine loses the state',
    file: 'src/kernel/commit.ts',
    find: "status: 'quarantined', problem, watchers: []",
    replace: "status: 'quarantined', state: null, problem, watchers: []",
    caughtBy: [INLINE, 'inline engine upgrade when'],
  },
]
