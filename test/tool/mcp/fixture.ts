import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { inputRequired, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** What a fixture does, besides its usual tools. */
export type FixtureSettings = {
  /** a file that counts the effects of calls */
  readonly log?: string | undefined
  /** the description of the tool `note` */
  readonly description?: string | undefined
  /** one more tool */
  readonly more?: string | undefined
  /** a file; once it is there, `hang` answers */
  readonly free?: string | undefined
  /** a file that is the resource `tide://today`; until it is there, the resource says `ebb` */
  readonly tide?: string | undefined
}

/** A server with tools that behave, and tools that do not. */
export function fixture({ log, description = 'Writes a line', more, free, tide }: FixtureSettings): McpServer {
  const server = new McpServer({ name: 'fixture', version: '1' }, { capabilities: { tools: {} } })
  const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] })
  const write = (line: string) => {
    if (log) appendFileSync(log, `${line}\n`)
  }
  server.registerTool(
    'note',
    {
      description,
      inputSchema: z.object({
        line: z.string(),
        pad: z
          .string()
          .regex(/^(a+)+$/)
          .optional(),
      }),
      // hints that antiphon does not believe
      annotations: { readOnlyHint: true, idempotentHint: true, destructiveHint: false },
    },
    ({ line }, context) => {
      write(`${line} ${String(context.mcpReq._meta?.['antiphon/idempotency-key'])}`)
      return text(`noted ${line}`)
    },
  )
  if (tide !== undefined)
    server.registerResource('today', 'tide://today', {}, ({ href }) => {
      write('read')
      return { contents: [{ uri: href, text: existsSync(tide) ? readFileSync(tide, 'utf8') : 'ebb' }] }
    })
  server.registerTool('hang', { description: 'Never answers', inputSchema: z.object({}) }, (_, context) => {
    write(`hang ${String(context.mcpReq._meta?.['antiphon/idempotency-key'])}`)
    return free !== undefined && existsSync(free) ? text('free') : new Promise<never>(() => {})
  })
  server.registerTool('job', { description: 'Works as a task', inputSchema: z.object({}) }, (_, context) => {
    write(`job ${String(context.mcpReq._meta?.['antiphon/idempotency-key'])}`)
    return { resultType: 'task', status: 'working', ...TASK } as never
  })
  const named = z.looseObject({ taskId: z.string() })
  // the task outlives this process: it is over once it is free, or at the third look
  server.server.setRequestHandler('tasks/get', { params: named }, ({ taskId }) => {
    write(`look ${taskId}`)
    const isOver =
      free === undefined ? linesOf(log).filter((line) => line.startsWith('look ')).length >= 3 : existsSync(free)
    return isOver ? { ...TASK, status: 'completed', result: text('done') } : { ...TASK, status: 'working' }
  })
  server.registerTool('die', { description: 'Ends the server', inputSchema: z.object({}) }, () => {
    write('die')
    console.error('about to die')
    process.exit(3)
  })
  server.registerTool('junk', { description: 'Writes no JSON', inputSchema: z.object({}) }, () => {
    process.stdout.write('\u001b[31mSegmentation fault\n'.repeat(100))
    return new Promise<never>(() => {})
  })
  server.registerTool('huge', { description: 'Writes 100 MB', inputSchema: z.object({}) }, () => {
    const block = 'x'.repeat(1_000_000)
    for (let n = 0; n < 100; n++) process.stdout.write(block)
    return new Promise<never>(() => {})
  })
  server.registerTool('long', { description: 'Says 6 MB', inputSchema: z.object({}) }, () =>
    text('x'.repeat(6_000_000)),
  )
  server.registerTool('template', { description: 'Says a template', inputSchema: z.object({}) }, () =>
    text('{{ 6 * 7 }} secret://planted'),
  )
  server.registerTool('fail', { description: 'Fails', inputSchema: z.object({}) }, () => ({
    ...text('no such \u001b[31mticket'),
    isError: true,
  }))
  server.registerTool('ask', { description: 'Asks a person', inputSchema: z.object({}) }, async (_, context) => {
    const params = {
      mode: 'form' as const,
      message: 'Who?',
      requestedSchema: {
        type: 'object' as const,
        properties: { name: { type: 'string' as const, title: 'Your\u001b[31m name' } },
        required: ['name'],
      },
    }
    const { envelope, inputResponses, requestState } = context.mcpReq
    if (inputResponses) {
      write(`ask ${String(context.mcpReq._meta?.['antiphon/idempotency-key'])}`)
      if (free !== undefined && !existsSync(free)) return new Promise<never>(() => {})
      return text(JSON.stringify({ inputResponses, state: requestState() }))
    }
    if (envelope) return inputRequired({ inputRequests: { who: inputRequired.elicit(params) }, requestState: 'ebb' })
    return text(JSON.stringify(await context.mcpReq.elicitInput(params)))
  })
  server.registerTool('sample', { description: 'Asks a model', inputSchema: z.object({}) }, () =>
    inputRequired({
      inputRequests: {
        poem: inputRequired.createMessage({
          messages: [{ role: 'user', content: { type: 'text', text: 'A poem' } }],
          maxTokens: 10,
        }),
      },
    }),
  )
  server.registerTool(
    'environment',
    {
      description: 'Names its variables',
      inputSchema: z.object({}),
      outputSchema: z.object({ names: z.array(z.string()), token: z.string() }),
    },
    () => {
      const structuredContent = { names: Object.keys(process.env).sort(), token: process.env.TOKEN ?? '' }
      return { ...text('see data'), structuredContent }
    },
  )
  if (more) server.registerTool(more, { description: 'One more', inputSchema: z.object({}) }, () => text('more'))
  return server
}

const linesOf = (log: string | undefined) => (log && existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [])

const NOW = '2026-01-01T00:00:00Z'
const TASK = { taskId: 'job-1', createdAt: NOW, lastUpdatedAt: NOW, ttlMs: null, pollIntervalMs: 200 }

/** A program in the group of the server that nothing but a signal ends. */
export function startStubborn(pids: string): void {
  const child = spawn('sh', ['-c', 'trap "" TERM HUP INT; while :; do sleep 1; done'], { stdio: 'ignore' })
  appendFileSync(pids, `${process.pid}\n${child.pid}\n`)
}
