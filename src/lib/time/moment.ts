/** ISO-8601 in UTC. */
export const formatTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00')
