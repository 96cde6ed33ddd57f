import { InvalidError, problemOf } from '../../../errors.ts'
import { inTime } from '../../../lib/time/in-time.ts'
import { type Agent, type GoalFor, partsOfAgent } from '../../definition/agent-value.ts'
import { instructionsFault } from '../../definition/define-agent.ts'

/** ms that a function may take to make the instructions of a goal. */
const MAX_MS = 60_000

/**
 * The instructions of an agent for a goal. A function makes them now; the caller keeps the text.
 * @throws InvalidError `instructions_failed` when the function throws, gives no text, or takes more than a minute
 */
export async function makeInstructions(agent: Agent, goal: string, about: GoalFor): Promise<string> {
  const { instructions } = partsOfAgent(agent)!
  if (typeof instructions === 'string') return instructions
  const text = await inTime((async () => instructions(goal, about))(), MAX_MS, tooLong).catch((error: unknown) => {
    throw failed(agent, `the function failed: ${problemOf(error).message}`, error)
  })
  const fault = instructionsFault(text)
  if (fault !== undefined) throw failed(agent, `${fault} from the function`)
  return text
}

const tooLong = () => new Error(`it took more than ${MAX_MS / 1000} seconds`)

const failed = ({ name }: Agent, why: string, cause?: unknown) =>
  new InvalidError(`The instructions of the agent ${name}: ${why}`, {
    code: 'instructions_failed',
    place: { path: 'instructions' },
    hint: 'The function gets the text of the goal, its owner and its context, and must return a text. Nothing was started: correct the function, then send the text again.',
    ...(cause !== undefined && { cause }),
  })
