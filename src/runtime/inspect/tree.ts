import { type EngineView, inspectOne } from '../../engine/engine.ts'
import type { Inspected } from '../../engine/inspect.ts'
import { KIND, stepRef } from '../../house/actors.ts'
import { type ActorRef, nameOf } from '../../kernel/ref.ts'
import { collectStepParts } from '../../step/messages/step-parts.ts'
import type { Branch } from '../ports/inspector.ts'
import { type Families, linkStatus, readFamilies, readOwnFamilies, runOfLink } from './hierarchy.ts'
import { shownStatus } from './shown-status.ts'

/** Maximum branches of an actor, and maximum depth of the tree. */
const TREE_LIMITS = { branches: 200, depth: 12 } as const

/** An actor and those that work for it; for a run all steps, also completed ones. `owner`: only that owner's items. */
export async function growTree(view: EngineView, root: ActorRef, owner?: string): Promise<Branch> {
  return grow({ view, families: await familiesOf(view, owner), isWhole: true }, root, [])
}

/** All actors with work or a failure, each below the one it works for; or one owner's runs and threads with work. */
export async function growForest(view: EngineView, owner?: string): Promise<readonly Branch[]> {
  const families = await familiesOf(view, owner)
  const trees = await Array.fromAsync(families.heads.slice(0, TREE_LIMITS.branches), (head) =>
    grow({ view, families, isWhole: false }, head, []),
  )
  const below = new Set(trees.flatMap(({ branches }) => branches.flatMap(namesIn)))
  return trees.filter(({ of }) => !below.has(of))
}

function familiesOf(view: EngineView, owner: string | undefined): Promise<Families> {
  return owner === undefined ? readFamilies(view) : readOwnFamilies(view, owner)
}

const namesIn = ({ of, branches }: Branch): readonly string[] => [of, ...branches.flatMap(namesIn)]

type Growing = { readonly view: EngineView; readonly families: Families; readonly isWhole: boolean }

async function grow(growing: Growing, of: ActorRef, path: readonly string[]): Promise<Branch> {
  const { view, families, isWhole } = growing
  const name = nameOf(of)
  const actor = await inspectOne(view, of)
  const children = path.length < TREE_LIMITS.depth && !path.includes(name) ? await families.childrenOf(of) : []
  const ended = isWhole && of.kind === KIND.run ? await endedSteps(view, of) : []
  const finished = isWhole && path.length < TREE_LIMITS.depth ? await workOf(view, of, children) : []
  const grown = await Array.fromAsync([...finished, ...children].slice(0, TREE_LIMITS.branches), (child) =>
    grow(growing, child, [...path, name]),
  )
  const branches = [...ended, ...grown].slice(-TREE_LIMITS.branches)
  const run = actor && runOfLink(actor)
  const known = run && { status: await linkStatus(view, actor, run) }
  return {
    ...(await standing(view, name, actor)),
    ...known,
    branches,
    more: ended.length + finished.length + children.length - branches.length,
  }
}

/** The runs of a goal and goals that it handed over, or the goals that steps of a run asked for; none in `known`. */
async function workOf(
  view: EngineView,
  { kind, key }: ActorRef,
  known: readonly ActorRef[],
): Promise<readonly ActorRef[]> {
  const limit = TREE_LIMITS.branches
  const listed = async (of: string, where: { readonly [field: string]: string }) =>
    (await view.list(of, { where, sort: 'startedAt', limit })).map((one) => ({ kind: of, key: one.key }))
  if (kind !== KIND.goal && kind !== KIND.run) return []
  const found =
    kind === KIND.run
      ? await listed('agent', { root: key })
      : [...(await listed('run', { goal: key })), ...(await listed('agent', { goal: key }))]
  const names = new Set(known.map(nameOf))
  return found.filter(
    (of) => !names.has(nameOf(of)) && !(kind === KIND.run && names.has(nameOf({ kind: KIND.step, key: of.key }))),
  )
}

async function endedSteps(view: EngineView, run: ActorRef): Promise<readonly Branch[]> {
  const steps = [...(await collectStepParts(view.parts, run.key))]
  const over = steps.filter(([, { status }]) => status !== 'running' && status !== 'waiting' && status !== 'queued')
  return over.map(([id, { status }]) => ({ of: nameOf(stepRef(run.key, id)), status, branches: [], more: 0 }))
}

async function standing(
  view: EngineView,
  of: string,
  actor: Inspected | undefined,
): Promise<Pick<Branch, 'of' | 'status' | 'since' | 'note'>> {
  if (!actor) return { of, status: 'gone' }
  const { turn, mail } = actor
  const at = turn ?? mail[0]
  const since = at?.effect?.since ?? at?.since
  return {
    of,
    status: await shownStatus(view, actor),
    ...(since !== undefined && { since }),
    ...(at?.effect && { note: `${at.effect.name}, attempt ${at.effect.attempt}` }),
  }
}
