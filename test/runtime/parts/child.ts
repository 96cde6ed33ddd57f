// A process with one call as a run. It dies where the file says.
import { openParts } from './runtime.ts'

const { folder, file, tool } = JSON.parse(process.argv[2]!) as {
  readonly folder: string
  readonly file: string
  readonly tool: string
}
const runtime = await openParts(folder)
await runtime.tools.call([{ id: 'order', tool, parameters: { file } }], { id: 'run' })
await runtime.runs.resume('run')
await runtime.idle()
await runtime.stop()
