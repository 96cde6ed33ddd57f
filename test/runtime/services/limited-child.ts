// A process that makes two calls of a limited tool and is killed then.
import { createRuntime, loadConfig } from '../../../src/index.ts'

const runtime = await createRuntime(await loadConfig({ folder: process.argv[2]!, environment: {} }))
const { id } = await runtime.tools.call(['a', 'b'].map((message) => ({ tool: 'debug', parameters: { message } })))
await runtime.idle()
console.log((await runtime.runs.get(id)).status)
process.kill(process.pid, 'SIGKILL')
