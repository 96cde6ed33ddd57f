/** The headers of a model file: a job of the process with bounded memory, as a header may promise anything. */
export async function weightsOf({ type, ...file }: Record<'path' | 'type', string> & { readonly bytes: number }) {
  if (type === 'application/x-gguf') return (await import('./gguf.ts')).ggufFacts(file)
  const headers = await import('./headers.ts')
  return type === 'application/x-safetensors' ? headers.safetensorsFacts(file) : headers.onnxFacts(file)
}
