import { start } from 'antiphon'

await using app = await start({ pipelines: { notes: 'notes.yaml' } })
const run = await app.run('notes', { inputs: { file: 'README.md' }, id: 'notes-tuesday' })
console.log(run.status, app.runtime ? 'in this process' : 'in another process')
