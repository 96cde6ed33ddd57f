import { describe, expect, it } from 'vitest'
import { runPipeline } from '../../src/runtime/run-pipeline.ts'
import { openFolder } from './inspect/folder.ts'

function openProject() {
  const folder = openFolder()
  folder.write('antiphon.yaml', 'embedder: none\n')
  folder.write(
    'fine.yaml',
    'name: fine\ninputs: { n: 1 }\nsteps: [{ id: a, action: "echo {{ n }}" }]\noutputs: { o: "{{ a }}" }\n',
  )
  folder.write(
    'bad.yaml',
    'name: bad\nsteps: [{ id: a, tool: filesystem, action: read, parameters: { path: nowhere } }]\n',
  )
  folder.write('held.yaml', 'name: held\nsteps: [{ id: a, tool: wait-for-signal, parameters: { signal: go } }]\n')
  return folder
}

describe('a program that runs a pipeline', () => {
  it('gets its document, on a runtime of its own or on one that it has', async () => {
    const { path, open } = openProject()
    const own = await runPipeline(path('fine.yaml'), { folder: path('.'), inputs: { n: 2 } })
    expect(own).toMatchObject({ status: 'completed', success: true, outputs: { o: '2' } })
    const runtime = await open()
    const { execution_id, ...more } = await runPipeline(path('fine.yaml'), { runtime, id: 'run_mine' })
    expect({ execution_id, ...more }).toEqual(await runtime.run('run_mine'))
  })

  it('gets it also of a run that failed or was called off; a wrong file is an error', async () => {
    const { path, open } = openProject()
    const runtime = await open()
    const failed = await runPipeline(path('bad.yaml'), { runtime })
    expect(failed).toMatchObject({ status: 'failed', error: 'File not found: nowhere', error_type: 'ToolError' })

    const stop = new AbortController()
    const held = runPipeline(path('held.yaml'), { runtime, signal: stop.signal, id: 'held' })
    await expect.poll(() => runtime.inbox({ run: 'held' })).toHaveLength(1)
    stop.abort()
    expect(await held).toMatchObject({ status: 'cancelled', success: false, error_type: 'CancelledError' })

    await expect(runPipeline(path('nowhere.yaml'), { runtime })).rejects.toMatchObject({ name: 'InvalidError' })
    await expect(runPipeline(path('fine.yaml'), { runtime, signal: stop.signal })).rejects.toThrow()
  })
})
