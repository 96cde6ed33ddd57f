// A server of the Model Context Protocol with one tool, over stdin and stdout: npm install "@modelcontextprotocol/server@^2.0.0"
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'

const TIDES = { ebb: ['03:10', '15:35'], flow: ['09:20', '21:45'] }

serveStdio(() => {
  const server = new McpServer({ name: 'tides', version: '1.0.0' }, { capabilities: { tools: {} } })
  server.registerTool(
    'next',
    {
      description: 'The next ebb or flow after a time of the day',
      inputSchema: z.object({ kind: z.enum(['ebb', 'flow']), after: z.string() }),
      outputSchema: z.object({ kind: z.string(), at: z.string() }),
    },
    ({ kind, after }) => {
      const at = TIDES[kind].find((time) => time > after) ?? TIDES[kind][0]
      return { content: [{ type: 'text', text: `The next ${kind} is at ${at}.` }], structuredContent: { kind, at } }
    },
  )
  return server
})
