import { InvalidError } from '../errors.ts'
import { unflatten } from '../lib/json/unflatten.ts'
import { isFileId, isFileRef } from '../lib/media/file-ref.ts'
import type { Described } from './describe.ts'
import { listSeen, narrowed } from './list-seen.ts'
import { localOnly, scopeMissing } from './scope.ts'
import type { Viewer } from './viewer.ts'

/** A method with the arguments that `takes` of its operation names. */
export type Method = (...given: readonly unknown[]) => unknown

type Fields = { readonly [field: string]: unknown }

/**
 * The ports of some operations as a caller may use them: a method for each operation, with its guard. `own` has the
 * methods with a rule of their own, by the names of their operations; they get the names of threads, and find the
 * threads themselves.
 */
export function viewPorts(
  operations: readonly Described[],
  ports: object,
  viewer: Viewer,
  own: { readonly [operation: string]: Method } = {},
): object {
  const methods: { [operation: string]: Method } = {}
  for (const operation of operations) {
    const { name, takes } = operation
    if (!takes) continue
    const guard = guards.get(operation) ?? guardOf(operation)
    guards.set(operation, guard)
    const path = name.split('.')
    // ports are found when they are called, as `own` may stand for all that are used
    const call = own[name] ?? ((...given) => methodAt(ports, path)(...given))
    methods[name] = guard(call, viewer, own[name] === undefined)
  }
  return unflatten(methods)
}

const guards = new WeakMap<Described, ReturnType<typeof guardOf>>()

function methodAt(ports: object, path: readonly string[]): Method {
  let at = ports as { readonly [name: string]: object }
  for (const name of path.slice(0, -1)) at = at[name] as typeof at
  const method = at[path.at(-1)!] as Method
  return (...given) => method.apply(at, given as unknown[])
}

/** Operations that find nothing, or wait, while nothing was said on their thread: a page opens before it. */
const BEFORE_THE_FIRST = ['threads.messages', 'conversations.events']

/**
 * Guards a method by the description of its operation. The guarded method refuses callers without the rights, files
 * of this machine for remote callers, and the items of other owners: `{run}`, `{goal}` and `{thread}` in the path, and
 * `{conversation}`, which is a thread. It calls the method with the key of the thread, and with the owner that the
 * description `passes`. Another owner's item looks like a missing one.
 */
function guardOf(operation: Described): (call: Method, viewer: Viewer, findsThread: boolean) => Method {
  const { path, takes = [], scope, local, gives, passes, resumes, answer } = operation
  const at = (name: string) => (path.includes(`{${name}}`) ? name : undefined)
  const [run, goal, thread] = [at('run'), at('goal'), at('thread') ?? at('conversation')].map(
    (name) => name && placeOf(takes, name),
  )
  const spreads = [...takes.keys()].filter((place) => takes[place]!.startsWith('...'))
  const optionsAt = spreads.at(-1) ?? takes.length

  async function admit(viewer: Viewer, given: readonly unknown[], findsThread: boolean): Promise<readonly unknown[]> {
    const { caller, isAdmin, checkRun, checkGoal, findThread, seenThread } = viewer
    const findNamed = BEFORE_THE_FIRST.includes(operation.name) ? findThread : seenThread
    if (scope === 'admin' && !isAdmin) throw scopeMissing('admin', caller)
    if (local && !caller.local) throw localOnly()
    if (!caller.local) for (const place of spreads) checkFiles(given[place])
    if (caller.visitor) for (const place of spreads) checkContext(given[place])
    let owner = caller.owner
    if (run && !(resumes && isAdmin)) owner = await checkRun(run.read(given))
    if (goal) await checkGoal(goal.read(given))
    let args = given
    if (thread && findsThread) args = thread.write(args, (await findNamed(thread.read(given))).key)
    if (passes === undefined) return args
    if (passes === 'filter') return args
    const known = { owner, ...(passes === 'trust' && { ...trustIn(caller), ...contextOf(caller) }) }
    return withAt(args, optionsAt, { ...(args[optionsAt] as Fields | undefined), ...known })
  }

  /** Lists what the caller sees. A method with a rule of its own does that itself. */
  const listed =
    (call: Method, { seen }: Viewer): Method =>
    (...given) => {
      const query = (given[optionsAt] ?? {}) as Fields
      const { cursor = () => '', descending = false } = answer
      const list = (one: Fields) => call(...withAt(given, optionsAt, one)) as Promise<readonly never[]>
      return listSeen(narrowed(seen, query), query, list, { cursor, descending })
    }

  return (own, viewer, findsThread) => {
    const call = passes === 'filter' && findsThread ? listed(own, viewer) : own
    if (gives !== 'events') return async (...given) => call(...(await admit(viewer, given, findsThread)))
    return async function* (...given) {
      yield* call(...(await admit(viewer, given, findsThread))) as AsyncIterable<unknown>
    }
  }
}

const trustIn = ({ local, offered }: Viewer['caller']) => ({ trusted: local, ...(offered && { offered }) })

type Place = {
  read(given: readonly unknown[]): string
  write(given: readonly unknown[], value: string): readonly unknown[]
}

/** Where a parameter of the path is among the arguments: one of its own, or a field of the first argument. */
function placeOf(takes: readonly string[], name: string): Place {
  const place = takes.indexOf(name)
  if (place >= 0)
    return { read: (given) => given[place] as string, write: (given, value) => withAt(given, place, value) }
  const first = takes.indexOf('...')
  if (first < 0) throw new Error(`an operation with {${name}} does not take it`)
  return {
    read: (given) => (given[first] as Fields)[name] as string,
    write: (given, value) => withAt(given, first, { ...(given[first] as Fields), [name]: value }),
  }
}

function withAt(given: readonly unknown[], place: number, value: unknown): readonly unknown[] {
  const args = [...given]
  args[place] = value
  return args
}

/** The context that the program gives to what a visitor starts. */
const contextOf = ({ visitor }: Viewer['caller']) =>
  visitor?.context === undefined ? {} : { context: visitor.context }

/** The program alone gives a context. @throws an error of code `not_for_visitors` */
function checkContext(given: unknown): void {
  if ((given as Fields | undefined)?.context === undefined) return
  throw new InvalidError('A visitor may not set `context`.', {
    code: 'not_for_visitors',
    place: { path: 'context' },
    hint: 'Let the function `owner` of the handler return it: owner: () => ({ owner, context })',
  })
}

/**
 * Only the user of the data folder may name files of this machine: `file`, paths in a list `files`, or a text in place
 * of the fields. Ids of stored files open nothing by themselves.
 */
function checkFiles(given: unknown): void {
  if (typeof given === 'string') throw localOnly()
  const { file, files } = (given ?? {}) as Fields
  if (file !== undefined || (Array.isArray(files) && files.some(isPath))) throw localOnly()
}

const isPath = (file: unknown) => !isFileId(file) && !isFileRef(file)
