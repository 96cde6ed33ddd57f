import { runPipeline } from 'antiphon'

const run = await runPipeline('notes.yaml', { inputs: { file: 'CONTRIBUTING.md' }, id: 'notes-monday' })
if (run.success) console.log(run.outputs.summary)
else console.error(run.failed_step, run.error_type, run.error)
