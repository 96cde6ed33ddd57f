import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** The program of `@modelcontextprotocol/conformance`, which CONTRIBUTING.md says how to install. */
const { ANTIPHON_MCP_CONFORMANCE: PROGRAM } = process.env

/** Why the scenarios cannot run here, to stand behind the name of a test; empty: they can. */
export const skipped = PROGRAM === undefined ? ' (skipped: ANTIPHON_MCP_CONFORMANCE names no suite)' : ''

/** What fails, with the reasons. */
export const BASELINE = join(import.meta.dirname, 'baseline.yaml')

export const REVISIONS = ['2025-11-25', '2026-07-28'] as const

/** Runs the suite, which was not written here; resolves with its exit code and what it said. */
export async function runSuite(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const cwd = mkdtempSync(join(tmpdir(), 'antiphon-conformance-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const child = spawn(process.execPath, [PROGRAM!, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const [code] = await once(child, 'close')
  return { code, said }
}
