// A program that reads for ever; it prints the id of its reading process.
import { boundedOffload } from '../../../src/worker/offload/offload.ts'

const file = new URL('./bounded-deeds.ts', import.meta.url)
const terms = { share: '', deadline: 600_000, what: 'This' }
console.log(await boundedOffload().run({ file, name: 'where' }, undefined, terms))
await boundedOffload().run({ file, name: 'forever' }, undefined, terms)
