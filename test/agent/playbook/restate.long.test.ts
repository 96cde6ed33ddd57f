import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { restateEngine } from '../../../src/engine/restate/engine.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { until } from '../../../src/testing/index.ts'
import { actor } from '../../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from '../../engine/restate/server.ts'

/** What an agent learned, as a release with learned playbooks kept it. */
const LEARNED = {
  state: { entries: [{ id: 'clerk-ca0b54f1', goal: 'first', form: '0087c347', learnedAt: 1, uses: 0, failures: 0 }] },
  parts: { 'form/clerk-ca0b54f1': ['Add ', { input: 'path', shape: 'word', kind: 'word' }] },
  index: { agent: 'clerk', playbooks: 1, proposals: 1, inbox: 1, since: 1 },
}

describeOnRestate('what agents learned with an earlier release', () => {
  const server = useRestate()

  it('is removed from a server at the first start', async () => {
    const namespace = 'learned'
    const learner = actor('playbooks', null as Json, () => ({ ...LEARNED, reply: true }))
    const before = restateEngine({ ...server.now(), namespace, actors: [learner] })
    await before.start()
    const of = { kind: 'playbooks', key: 'local/clerk' }
    await before.ask(of, 'learn')
    await until(async () => (await before.view.list('playbooks')).length === 1)
    await before.stop({ grace: 0 })

    const folder = mkdtempSync(join(tmpdir(), 'antiphon-learned-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    const engine = { restate: { admin: server.now().admin, namespace } }
    writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify({ embedder: 'none', engine }))
    const said: string[] = []
    const config = await loadConfig({ folder, environment: {} })
    const runtime = await createRuntime(config, { notice: (line) => void said.push(line) })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    expect(said).toEqual([expect.stringContaining('no longer learn playbooks: 1 learned')])
    const { view } = runtime.engine
    await until(async () => (await view.list('playbooks')).length === 0 && (await view.peek(of)) === undefined)
    for await (const [name] of view.parts(of)) throw new Error(`the part ${name} is left`)
    expect(await runtime.inbox.list()).toEqual([])
  })
})
