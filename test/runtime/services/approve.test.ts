import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'

async function openWith(approve: string) {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-approve-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'antiphon.yaml'), `embedder: none\ntools: { approve: ${approve} }\n`)
  const runtime = await createRuntime(await loadConfig({ folder, environment: {} }))
  await runtime.stop()
}

it('a name under `approve` that no tool has is refused, because its calls would not wait', async () => {
  await expect(openWith('[terminal, termnal]')).rejects.toMatchObject({
    code: 'unknown_tool',
    message: 'tools.approve[1]: there is no tool termnal.',
    hint: 'Did you mean terminal?',
    place: { path: 'tools.approve[1]' },
  })
  await expect(openWith("['filesystem:wrote']")).rejects.toMatchObject({ code: 'unknown_tool' })
})

it('tools, their operations and `none` are taken', async () => {
  await openWith("[terminal, 'filesystem:write', pipeline-executor]")
  await openWith('none')
})
