import { randomUUID } from 'node:crypto'
import { budgetRef, scopeOf } from '../../budget/scope.ts'
import type { Engine, EngineView } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { InvalidError, is } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { type Json, parseExact } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { fileIdsIn } from '../../lib/media/file-ref.ts'
import { LOCAL_OWNER, ownerOf } from '../../lib/owner.ts'
import type { Admit } from '../../work/activity.ts'
import { type FirstRunMessage, firstSend } from '../later/messages.ts'
import type { StartTerms } from '../later/terms.ts'
import { peekRun } from '../run.ts'
import type { PreparedRun } from './executor.ts'
import type { GoingOn } from './go-on.ts'
import { enterQueue, laterMessage } from './later.ts'
import type { RunRequest } from './port.ts'
import { checkContent, hasContent, rejectChildId } from './start-ids.ts'

/** The id of a new run, its owner, its budget, and its inputs, which may name files. */
export type Beginning = Pick<RunRequest, 'id' | 'owner' | 'budget' | 'inputs'> & {
  /** a digest of what the caller starts */
  readonly content: string
  /** the run that it is a fork of, whose files it uses, too */
  readonly forkOf?: string
  /** absent: at once */
  readonly terms?: StartTerms | undefined
}

type Parts = Pick<GoingOn, 'goOn'> & {
  readonly engine: Engine
  readonly admit: Admit
  isThere(id: string): Promise<boolean>
  readonly files: RunFiles
}

/** The stored files of owners, as runs use them. */
export interface RunFiles {
  /** A run uses files of its owner from now on. @throws NotFoundError of code `file_not_found` */
  resolve(files: readonly string[], by: { readonly owner: string; readonly use: string }): Promise<unknown>
  /** All that one run uses, another one uses, too. */
  copyUses(uses: { readonly from: string; readonly to: string }, of: { readonly owner: string }): Promise<void>
}

/** Files that the inputs of a run name. A step that gets more still finds them. */
const MAX_INPUT_FILES = 1000

/** The id of a run; `joined`: it is the open run of the key. */
type BegunRun = { readonly id: string; readonly joined?: true }

type BeginRun = {
  begin(prepared: Pick<PreparedRun, 'name' | 'firstMessage'>, request: Beginning): Promise<BegunRun>
  /** Resumes the run of an id. `id_taken` if it has other content than this request. */
  goOnWith(
    id: string,
    request: Pick<Beginning, 'owner' | 'content'>,
    firstMessage?: () => Promise<FirstRunMessage>,
  ): Promise<{ readonly id: string }>
}

/** Begins runs. The same id is one run, of one owner. */
export function createBeginning({ engine, admit, isThere, goOn, files }: Parts): BeginRun {
  /** Sends the first message of a run. The same id starts one run. */
  async function begin(prepared: Pick<PreparedRun, 'name' | 'firstMessage'>, request: Beginning): Promise<BegunRun> {
    const { id: given, owner = LOCAL_OWNER, budget, inputs, content, forkOf, terms } = request
    const id = given ?? `run_${randomUUID()}`
    if (given !== undefined && (await peekRun(engine.view, given)))
      return goOnWith(given, request, forkOf === undefined ? prepared.firstMessage : undefined)
    await admit(owner)
    const start: FirstRunMessage = Object.assign({}, await prepared.firstMessage(), { content })
    const same = [content, forkOf === undefined ? async () => start : undefined] as const
    const use = nameOf(runRef(id))
    if (forkOf !== undefined) await files.copyUses({ from: nameOf(runRef(forkOf)), to: use }, { owner })
    if (inputs) await useInputFiles(inputs, { owner, use })
    const message = terms ? laterMessage(owner, start, prepared, terms) : start
    if (terms?.queue && terms.at === undefined) {
      const first = { message, ...(budget !== undefined && { budget }) }
      const isSame = async (open: string) => (await isThere(open)) && hasContent(engine.view, open, ...same)
      const joined = await enterQueue(engine, runRef(id), terms.queue, { owner, first, isSame })
      if (joined !== undefined) return { ...(await resume(joined, owner)), joined: true }
    } else await sendFirst(id, message, owner, budget)
    // of two owners who start a run with one id at once, its actor shows whose it is
    if (given !== undefined) {
      await isThere(id)
      await checkKept(engine.view, id, owner)
      await checkContent(engine.view, id, ...same)
    }
    await goOn(id)
    return { id }
  }

  /** The run uses the files that its inputs name. InvalidError `file_not_found` with the input that names another. */
  async function useInputFiles(inputs: object, by: Parameters<RunFiles['resolve']>[1]): Promise<void> {
    for (const [name, value] of Object.entries(inputs)) {
      const named = fileIdsIn(asValue(value), 'plain', MAX_INPUT_FILES)
      if (named.length === 0) continue
      await files.resolve(named, by).catch((error: unknown) => noInputFile(error, `inputs.${name}`))
    }
  }

  const goOnWith: BeginRun['goOnWith'] = async (id, { owner = LOCAL_OWNER, content }, firstMessage) => {
    await checkContent(engine.view, id, content, firstMessage)
    return resume(id, owner)
  }

  /** Resumes a run that an earlier process left. Its budget may have been raised in the meantime. */
  async function resume(id: string, owner: string): Promise<{ id: string }> {
    await engine.start({ only: id })
    await checkKept(engine.view, id, owner)
    await goOn(id)
    return { id }
  }

  /**
   * With a limit, the budget sends the first message of a run in the commit that sets the limit: the first
   * request with an id gets both, a later one gets neither.
   */
  async function sendFirst(id: string, message: Json, owner: string, budget: number | undefined): Promise<void> {
    const { to, body } = firstSend(runRef(id), message, owner, budget)
    if (budget === undefined) return engine.tell(to, body, { id, correlationId: id })
    if (await isAskedFor(engine.view, id)) await engine.start({ only: id })
    await engine.ask(to, body, { id, correlationId: id })
  }

  return { begin, goOnWith }
}

/** A command line gives a list or a map as JSON. */
function asValue(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  // its executor says what is wrong with it
  return attempt(() => parseExact(value), value)
}

function noInputFile(error: unknown, path: string): never {
  if (!is(error) || error.code !== 'file_not_found') throw error
  throw new InvalidError(`\`${path}\`: ${error.message}`, {
    code: 'file_not_found',
    place: { path },
    hint: 'To see your files: antiphon files list',
  })
}

/** Whether a run with a budget was to begin under an id. */
async function isAskedFor(view: EngineView, id: string): Promise<boolean> {
  const asked = await view.asked(id)
  return asked !== undefined && nameOf(asked) === nameOf(budgetRef(scopeOf('run', id)))
}

/**
 * Checks that a run may begin under an id. Runs of other owners are not revealed, but their ids cannot be reused.
 * @throws an error of code `id_taken` if it may not
 */
export async function checkFree(
  view: EngineView,
  { id, owner = LOCAL_OWNER }: Pick<Beginning, 'id' | 'owner'>,
): Promise<void> {
  if (id === undefined) return
  const state = await peekRun(view, id)
  const isGiven = state !== undefined || (await view.asked(id)) !== undefined
  const isTaken = state ? ownerOf(state) !== owner : isGiven && !(await isAskedFor(view, id))
  if (isTaken) throw idTakenError(`the id ${id} is taken`)
  if (!isGiven) await rejectChildId(view, id)
}

/** The id of a removed run is still remembered: it starts no new run, and no event would ever come. */
async function checkKept(view: EngineView, id: string, owner: string): Promise<void> {
  const [found] = await view.inspect(runRef(id))
  if (!found) throw idTakenError(`the run ${id} has ended and is no longer kept`)
  if (found.cell?.index && ownerOf(found.cell.index) !== owner) throw idTakenError(`the id ${id} is taken`)
}
