import { showCommand } from '../../client-command.ts'
import { type Component, componentLines, componentsOf } from '../../render/components.ts'

const MAX_LISTED = 1000

const isHealthy = (components: readonly Component[]) => components.every(({ health }) => health === 'ok')

export const statusCommand = showCommand({
  name: 'status',
  about:
    'Show the health of each component. It prints one line each for memory, processing, actions and environment. Exit code 1: a component is degraded.',
  options: [['--json', 'print the components as JSON']],
  examples: ['status', 'status --json'],
  async ask(client) {
    const [status, pools, health, work, inbox, letters, notices, systems] = await Promise.all([
      client.status(),
      client.inspector.pools(),
      client.environments.health(),
      client.inspector.work(),
      client.inbox.list(),
      client.inspector.deadLetters.list({ limit: MAX_LISTED }),
      client.notices.list(),
      client.catalogue.health(),
    ])
    const counts = { inbox: inbox.length, deadLetters: letters.length, most: MAX_LISTED }
    return componentsOf({ status, pools, health, work, notices, systems, ...counts })
  },
  json: (components) => ({ health: isHealthy(components) ? 'ok' : 'degraded', components }),
  print: (components, terminal) => terminal.lines(componentLines(components)),
  exitCode: (components) => (isHealthy(components) ? 0 : 1),
})
