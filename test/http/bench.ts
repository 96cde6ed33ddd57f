import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createClient } from '../../src/http/client/client.ts'
import { createApp } from '../../src/http/server/app.ts'
import { fakeRuntime } from './fake-runtime.ts'

/** A fresh folder that goes with its test. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An app over a fake runtime, and a client of it in this process. */
export function openApp() {
  const folder = freshFolder()
  const runtime = fakeRuntime(folder)
  const app = createApp(runtime)
  const file = (lines: readonly string[], name = 'pipeline') => {
    writeFileSync(join(folder, name), lines.join('\n'))
    return join(folder, name)
  }
  return { folder, runtime, app, client: createClient((request) => app.fetch(request)), file }
}

/** A request with a JSON body. */
export function post(body: string, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
