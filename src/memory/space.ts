/** The spaces of memory that belong to agents lie below it, each under the name of its agent. */
export const AGENT_SPACES = 'agents'

/** Whether a space of memory is the other one, or below it. */
export const isWithin = (space: string, above: string): boolean => space === above || space.startsWith(`${above}/`)

/** The word in `memory.read` for the records of the owner of a goal. */
export const OWNER_MEMORY = 'owner'
