import { createHash } from 'node:crypto'
import type { ModelRequest } from '../../../model/request/request.ts'
import { contextOf } from '../../context/context-of.ts'
import type { FileTexts } from '../../context/file-lines.ts'
import { filesTouched } from '../../context/files-touched.ts'
import type { OfferedTool } from '../../context/tool-offers.ts'
import { offersOf } from '../../context/when.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { conversationAbove, type GoalStartPart } from '../../protocol/messages.ts'
import type { GivenRequest } from '../../protocol/rounds.ts'
import type { RequestContext } from './read-context.ts'

/** Makes the request of a round that fits into a window: when the model is asked, and when the request is shown. */
export function requestMaker({
  start,
  definition,
  context: { first: goal, rounds, notes },
  tools,
  texts,
  environment,
}: {
  readonly start: GoalStartPart
  readonly definition: AgentDefinition
  readonly context: RequestContext
  readonly tools: ReadonlyMap<string, OfferedTool>
  readonly texts: FileTexts
  readonly environment: string | undefined
}): (window: number) => ModelRequest {
  const files = filesTouched(rounds, tools)
  const offers = offersOf(tools.values(), definition.environment)
  return (window) =>
    contextOf({
      definition,
      goal,
      notes,
      ...(conversationAbove(start) && { isConversation: true }),
      ...(environment !== undefined && { environment }),
      rounds,
      texts,
      files,
      tools: offers,
      window,
    })
}

/** Characters of an environment that a round stores. */
const MAX_STORED = 1024

/** A request in short, as its round stores it. */
export function givenRequest(request: ModelRequest, window: number, environment: string | undefined): GivenRequest {
  const isShort = environment !== undefined && environment.length <= MAX_STORED
  return { digest: digestsOf(request, environment).join(' '), window, ...(isShort && { environment }) }
}

/** How a request that was made again differs from the one that the model got, a sentence each. */
export function changesOf(request: ModelRequest, environment: string | undefined, given: GivenRequest): string[] {
  const before = given.digest.split(' ')
  return digestsOf(request, environment).flatMap((digest, at) => (digest === before[at] ? [] : [CHANGES[at]!]))
}

const CHANGES = [
  'The instructions differ from those that the model got.',
  'The tools differ from those that the model got: one has changed since, or is not connected in this process.',
  'The environment has changed since. It is shown as it is now.',
  'The messages differ from those that the model got: a result, a file or an earlier message has changed or is gone.',
]

function digestsOf({ system, tools, instruction, rounds = [], files }: ModelRequest, environment?: string): string[] {
  const others = rounds.map(({ now = [], ...round }) => [round, now.filter((text) => text !== environment)])
  return [system, tools, environment, [instruction, files, others]].map(digestOf)
}

/** Characters of one of the four digests. */
const DIGEST_LENGTH = 12

const digestOf = (value: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex')
    .slice(0, DIGEST_LENGTH)
