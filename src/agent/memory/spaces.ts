import { hash } from 'node:crypto'
import { AGENT_SPACES } from '../../memory/space.ts'
import type { AgentMemorySettings } from '../definition/definition.ts'

/** Characters of the name of a conversation in a space. */
const MAX_CONVERSATION = 200

/** The space of an agent, or of one conversation with it. Pure. */
export function agentSpace(
  agent: string,
  { space = `${AGENT_SPACES}/${agent}` }: AgentMemorySettings,
  conversation?: string,
) {
  if (conversation === undefined) return space
  // a slash in it would make spaces below it
  const name = encodeURIComponent(conversation)
  return `${space}/${name.length <= MAX_CONVERSATION ? name : hash('sha256', conversation, 'base64url')}`
}

/** The source of records that an agent writes, as their `ref`. It holds wherever the file puts its space. Pure. */
export const agentSource = (agent: string): string => `${AGENT_SPACES}/${agent}`
