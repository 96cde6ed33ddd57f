import type { GoalDocument } from '../../agent/room/goals/documents.ts'
import { InvalidError, unlessMissing } from '../../errors.ts'
import { allows } from '../../house/scope.ts'
import { present } from '../../lib/json/present.ts'
import type { RunSource } from '../../run/room/source.ts'
import type { RuntimeViewer } from './viewer.ts'
import { isVisitor } from './visitor-words.ts'

/** The fields of a visitor's message, and those that its guard adds: conversation, owner, trust and context. */
const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  ...['agent', 'text', 'id', 'texts', 'files', 'onBusy', 'interactive', 'wait', 'timeout'],
  ...['conversation', 'owner', 'trusted', 'context'],
])

/**
 * Checks the fields of a message of a visitor: limits and rights belong to the agent and to the program.
 * @throws an error of code `not_for_visitors`
 */
export function checkVisitorMessage({ caller }: RuntimeViewer, message: object): void {
  if (!caller.visitor) return
  const field = Object.entries(message).find(([name, value]) => value !== undefined && !MESSAGE_FIELDS.has(name))?.[0]
  if (field === undefined) return
  throw new InvalidError(`A message of a visitor may not set \`${field}\`.`, {
    code: 'not_for_visitors',
    place: { path: field },
    hint: `Set it in the definition of the agent, or let your program send the message: app.conversation(agent, id).send(…, { ${field} })`,
  })
}

/** A document as the caller sees it: a visitor does not see the context for tools. */
export function withoutContext<Document extends object>({ caller }: Pick<RuntimeViewer, 'caller'>, document: Document) {
  if (!caller.visitor || caller.staff || !('context' in document)) return document
  const { context: _, ...shown } = document
  return shown as Document
}

/** A goal as the caller sees it: a visitor sees neither the context for tools nor the models. */
export function shownGoal(viewer: Pick<RuntimeViewer, 'caller'>, goal: GoalDocument): GoalDocument {
  const shown = withoutContext(viewer, goal)
  if (!isVisitor(viewer.caller)) return shown
  return { ...shown, rounds: shown.rounds.map(({ model: _, ...round }) => round) }
}

/** The source of a run as the caller sees it: a file of this machine is not for callers from the network. */
export function shownSource({ caller, isAdmin }: Pick<RuntimeViewer, 'caller' | 'isAdmin'>, source: RunSource) {
  if (caller.local || isAdmin || source.language === 'workflow' || !source.isFile) return source
  const missing = 'The pipeline is a file of the server, which only admins and callers on its machine see.'
  return { language: 'pipeline' as const, steps: {}, missing, ...present({ inputs: source.inputs }) }
}

/**
 * Checks that a visitor may name the agent: the handler offers it, or it is an agent of the visitor, put at run time.
 * @throws an error of code `not_for_visitors`
 */
export async function checkOffered({ runtime, caller }: RuntimeViewer, agent: unknown): Promise<void> {
  const { visitor, owner, scopes } = caller
  if (!visitor || typeof agent !== 'string' || visitor.agents.includes(agent)) return
  if (allows(scopes, 'agents') && (await runtime.agents.get(agent, { owner }).catch(unlessMissing))) return
  const offered = [...visitor.agents, agent.slice(0, 100)].map((name) => `'${name}'`)
  throw new InvalidError(`Visitors may not name the agent ${JSON.stringify(agent.slice(0, 100))}.`, {
    code: 'not_for_visitors',
    place: { path: 'agent' },
    hint: `To allow it: app.handler({ owner, agents: [${offered.join(', ')}] }). An agent that was put at run time needs the scope \`agents\`.`,
  })
}
