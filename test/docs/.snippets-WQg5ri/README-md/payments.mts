export const payments = {
  refund: async (order: string, cents: number, options: { readonly idempotencyKey: string }) => order + cents + options.idempotencyKey,
}