/** ISO-8601 in UTC. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00')
}
