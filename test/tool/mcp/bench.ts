import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import type { McpServers } from '../../../src/tool/mcp/port.ts'
import type { McpResult } from '../../../src/tool/mcp/result.ts'
import type { McpServerSettings, StdioServer } from '../../../src/tool/mcp/settings.ts'
import { type AskingTool, callHere, type ToolAnswers } from '../../../src/tool/question.ts'
import type { ToolServices } from '../../../src/tool/services.ts'
import { contextAt } from '../context.ts'
import { type McpTestSettings, services } from '../services.ts'

const path = (url: string) => fileURLToPath(new URL(url, import.meta.url))

/** The program of our own server, and the one of everybody. */
export const FIXTURE = path('./stdio-fixture.ts')
export const EVERYTHING = path('../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js')

/** A stdio server of antiphon.yaml. */
export function stdio(program: string, more: Partial<StdioServer> = {}): StdioServer {
  const usual = { type: 'stdio', from: 'antiphon.yaml', command: process.execPath, args: [program] } as const
  return { ...usual, env: {}, cwd: tmpdir(), sandbox: false, write: false, ...more }
}

/** One server in a folder of its own, and calls of its tools as steps make them. */
export function openServer(
  server: McpServerSettings,
  more: Omit<McpTestSettings, 'servers'> & Parameters<typeof services>[0] = {},
) {
  const folder = more.folder ?? mkdtempSync(join(tmpdir(), 'antiphon-mcp-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const heard: string[] = []
  const { web, sandbox, ...mcp } = more
  const own = () =>
    services({
      ...(web && { web }),
      ...(sandbox && { sandbox }),
      mcp: { heard, ...mcp, folder, servers: { fix: server } },
    })
  const opened: ToolServices = own()
  const context = contextAt(folder, { services: opened })
  return {
    folder,
    heard,
    context,
    /** services as another process has them */
    again: own,
    servers: (): Promise<McpServers> => opened.mcp(),
    async call(
      tool: string,
      input: { readonly [name: string]: Json } = {},
      {
        effect = 'at-most-once' as const,
        signal = context.signal,
        key = 'call-1',
      }: {
        readonly effect?: 'at-most-once' | 'idempotent'
        readonly signal?: AbortSignal
        readonly key?: string
      } = {},
    ) {
      const { callServerTool } = await import('../../../src/tool/mcp/tools.ts')
      const made = { server: 'fix', tool, input, effect, folder: server.files }
      const at = { ...context, signal, idempotencyKey: key }
      const answer = async (_: unknown, state: Json, answers: ToolAnswers) =>
        callServerTool({ ...made, answer: { state, answers } }, at)
      const asking = { execute: () => callServerTool(made, at), answer } as unknown as AskingTool
      return (await callHere(asking, input, at)) as McpResult
    },
  }
}

/** The whole lines of a log outside of everything. A file that was only just made has none. */
export const linesIn = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []

/** Whether a process runs; one that nobody reaped does not. */
export function isRunning(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !['Z', 'X'].includes(text.slice(text.lastIndexOf(')') + 2)[0]!)
  } catch {
    return false
  }
}
