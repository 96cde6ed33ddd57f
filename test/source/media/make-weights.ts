export const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer)
export const u64 = (value: number | bigint) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
export const text = (value: string) => Buffer.concat([u64(value.length), Buffer.from(value)])

/** A GGUF file of version 3 with two tensors. `shape`: the sizes of the first. */
export function gguf(shape: readonly bigint[] = [64n, 10n]): Buffer {
  const field = (name: string, value: string) => [text(name), u32(8), text(value)]
  const tensor = (name: string, dims: readonly bigint[], dtype: number) => [
    ...[text(name), u32(dims.length), ...dims.map(u64), u32(dtype), u64(0)],
  ]
  return Buffer.concat([
    ...[Buffer.from('GGUF'), u32(3), u64(2), u64(4)],
    ...field('general.architecture', 'llama'),
    ...field('general.name', 'Pier'),
    ...field('general.license', 'mit'),
    ...[text('llama.context_length'), u32(4), u32(4096)],
    ...tensor('token_embd.weight', shape, 2),
    ...tensor('output_norm.weight', [64n], 0),
  ])
}

/** A safetensors file with this header. */
export const safetensors = (header: object | string, behind = 0) => {
  const json = typeof header === 'string' ? header : JSON.stringify(header)
  return Buffer.concat([u64(Buffer.byteLength(json)), Buffer.from(json), Buffer.alloc(behind)])
}
export const LAYERS = {
  __metadata__: { license: 'apache-2.0' },
  a: { dtype: 'F16', shape: [10, 20], data_offsets: [0, 400] },
  b: { dtype: 'F32', shape: [5], data_offsets: [400, 420] },
}

const bytesField = (field: number, bytes: Buffer) =>
  Buffer.concat([Buffer.from([(field << 3) | 2, bytes.length]), bytes])
const numberField = (field: number, value: number) => Buffer.from([field << 3, value])

/** A model in ONNX with one tensor of 3 × 4, whose contents are passed over. */
export function onnx(): Buffer {
  const tensor = Buffer.concat([
    numberField(1, 3),
    numberField(1, 4),
    numberField(2, 1),
    bytesField(9, Buffer.alloc(48)),
  ])
  const graph = Buffer.concat([bytesField(2, Buffer.from('pier')), bytesField(5, tensor)])
  return Buffer.concat([numberField(1, 8), bytesField(2, Buffer.from('pytorch')), bytesField(7, graph)])
}
