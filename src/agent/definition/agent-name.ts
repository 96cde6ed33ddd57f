import { OWNER_MEMORY } from '../../memory/space.ts'
import type { AgentMemorySettings } from './definition.ts'

/** The name of an agent: the one that its file says, or the name of the file when the file says none or a title. */
export function agentName(given: string | undefined, ofFile: string): string {
  return given !== undefined && isAgentName(given) ? given : ofFile.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')
}

export const isAgentName = (text: string): boolean => /^[a-z0-9-]{1,64}$/.test(text)

/** The spaces of the operator that an agent may search. Pure. */
export const sharedSpaces = ({ read = [] }: AgentMemorySettings = {}): readonly string[] =>
  read.filter((space) => space !== OWNER_MEMORY)

/** Whether an agent may search the records of the owner with a tool (yes, `unless` it says otherwise). Pure. */
export const readsOwner = ({ read }: AgentMemorySettings = {}, unless = true): boolean =>
  read ? read.includes(OWNER_MEMORY) : unless
