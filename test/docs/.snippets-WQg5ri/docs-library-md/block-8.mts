import { is, runPipeline } from 'antiphon'

try {
  await runPipeline('missing.yaml')
} catch (error) {
  if (!is(error)) throw error
  console.error(error.name, error.code, error.message)
}
