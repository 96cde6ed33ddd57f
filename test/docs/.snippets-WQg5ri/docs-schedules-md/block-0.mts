import { start } from 'antiphon'

await using app = await start()
const { next } = await app.schedules.put('report', {
  cron: '0 8 * * 1-5',
  zone: 'Europe/Berlin',
  file: 'tick.yaml',
  inputs: { topic: 'tides' },
})
console.log(next.length)
const { id } = await app.schedules.run('report')
console.log(id.startsWith('report-'))
await app.schedules.remove('report')
