import type { Mutation } from '../mutation.ts'

const COMMIT = 'test/kernel/commit.test.ts'
const CHILDREN = 'test/kernel/supervisor/children.test.ts'
const TRIALS = 'test/engine/poison/trials.test.ts'
const INLINE = 'test/engine/inline.test.ts'

/** Who hears of an end, who is started again, and which message kills its process. */
export const supervision: readonly Mutation[] = [
  {
    name: 'watchers are told again, of the end after a failure',
    file: 'src/kernel/commit.ts',
    find: "status: 'failed', problem, watchers: []",
    replace: "status: 'failed', problem",
    caughtBy: [INLINE, 'inline engine watch a watch ends with its notice'],
  },
  {
    name: 'watchers are not told that an actor stopped',
    file: 'src/kernel/commit.ts',
    find: "downNotices(envelope, watchers, 'stopped', sent.length)",
    replace: '[] as OutgoingMessage[]',
    caughtBy: [COMMIT, 'buildCommit: what is sent tells the watchers when it stops, and sets no timers then'],
  },
  {
    name: 'who asked an actor that stops without an answer is not told',
    file: 'src/kernel/commit.ts',
    find: "type === 'request' && asker &&",
    replace: 'false && asker &&',
    caughtBy: ['test/kernel/commit.test.ts', 'gets an error if the turn has no reply'],
  },
  {
    name: 'who watches twice is told twice',
    file: 'src/kernel/lifecycle.ts',
    find: 'if (cell.watchers.some((other) => sameRef(other, watcher))) return cell',
    replace: 'if (cell.watchers.length > 1_000 && sameRef(watcher, watcher)) return cell',
    caughtBy: [INLINE, 'inline engine watch an actor that watches twice is notified once'],
  },
  {
    name: 'who stops an actor does not hear of its end',
    file: 'src/kernel/lifecycle.ts',
    find: 'envelope.from ? withWatcher(stored, envelope.from) : stored',
    replace: 'stored',
    caughtBy: ['test/kernel/lifecycle.test.ts', 'notifies the watchers and the caller of the stop once each'],
  },
  {
    name: 'a reset leaves timers of the state that is gone',
    file: 'src/kernel/commit.ts',
    find: 'state: freezeState(actor.kind, actor.initial(envelope.to.key)), timers: {} }',
    replace: 'state: freezeState(actor.kind, actor.initial(envelope.to.key)) }',
    caughtBy: [INLINE, 'inline engine supervision reset: the actor starts with a new state, without its timers'],
  },
  {
    name: 'no parent hears of an escalation',
    file: 'src/kernel/commit.ts',
    find: 'const parent = actor.parent?.(envelope.to.key)',
    replace: 'const parent = actor.parent?.(envelope.to.key) && undefined',
    caughtBy: [COMMIT, 'failedTurn escalate'],
  },
  {
    name: 'a failed message leaves no dead letter',
    file: 'src/kernel/commit.ts',
    find: 'return [deadLetter, ...errorReplies(envelope, problem, 1)]',
    replace: 'return [deadLetter, ...errorReplies(envelope, problem, 1)].slice(1)',
    caughtBy: ['test/kernel/commit.test.ts', 'failedTurn fail'],
  },
  {
    name: 'a child is started again without end',
    file: 'src/kernel/supervisor/children.ts',
    find: 'const isTooMany = restarts.length > state.intensity.restarts',
    replace: 'const isTooMany = restarts.length > 1_000',
    caughtBy: [CHILDREN, 'allows restarts up to the limit, and escalates the next one'],
  },
  {
    name: 'restarts of long ago are held against a supervisor',
    file: 'src/kernel/supervisor/children.ts',
    find: 'now - at < state.intensity.within',
    replace: 'now - at < state.intensity.within * 1_000',
    caughtBy: [CHILDREN, 'the intensity of a supervisor looks only so far back'],
  },
  {
    name: 'rest-for-one restarts those before, not those after',
    file: 'src/kernel/supervisor/children.ts',
    find: 'names.indexOf(name) > names.indexOf(child)',
    replace: 'names.indexOf(name) < names.indexOf(child)',
    caughtBy: [INLINE, 'inline engine supervisors rest-for-one'],
  },
  {
    name: 'children are stopped in the order they were started',
    file: 'src/kernel/supervisor/children.ts',
    find: '...ordered.reverse()]',
    replace: '...ordered]',
    caughtBy: [INLINE, 'inline engine supervisors one-for-all: the others are stopped in reverse order'],
  },
  {
    name: 'a transient child is started again after a good end',
    file: 'src/kernel/supervisor/children.ts',
    find: "(restart === 'transient' && failed)",
    replace: "restart === 'transient'",
    caughtBy: [
      INLINE,
      'inline engine supervisors a transient child restarts only after a failure, a temporary child never',
    ],
  },
  {
    name: 'a message is condemned for the deaths of others',
    file: 'src/engine/poison.ts',
    find: 'before < SUSPECT_CRASHES || alone ?',
    replace: 'before < SUSPECT_CRASHES || !alone || alone ?',
    caughtBy: ['test/engine/poison/record.test.ts', 'for a suspect only deaths in its own trial count'],
  },
  {
    name: 'a suspect is let go without a trial',
    file: 'src/engine/poison.ts',
    find: 'for (const { actor } of suspects) ports.hold(actor)',
    replace: '',
    caughtBy: [TRIALS, 'a suspect waits until the others have lived'],
  },
  {
    name: 'what is let go is not written down before',
    file: 'src/engine/poison.ts',
    find: '    await save()\n    if (probation.isOver()) return 0',
    replace: '    if (probation.isOver()) return 0',
    caughtBy: [
      TRIALS,
      'a released message is recorded first, and a normal end of the process does not count against it',
    ],
  },
  {
    name: 'a clean stop counts as a death',
    file: 'src/engine/poison.ts',
    find: '      exposed = {}\n      // the engine',
    replace: '      // the engine',
    caughtBy: [
      TRIALS,
      'a released message is recorded first, and a normal end of the process does not count against it',
    ],
  },
  {
    name: 'actors that wait for each other pass for alive',
    file: 'src/engine/liveness.ts',
    find: 'goesOn: actor !== undefined && isMoving(actor) }',
    replace: 'goesOn: actor !== undefined }',
    caughtBy: ['test/engine/liveness.test.ts', 'actors that wait for each other are stranded'],
  },
  {
    name: 'a child that is started again has lost its state',
    file: 'src/kernel/commit.ts',
    find: 'return before.halting ? haltedCell(',
    replace: 'return !before.halting ? haltedCell(',
    caughtBy: ['test/kernel/commit.test.ts', 'is gone when the turn stops'],
  },
]
