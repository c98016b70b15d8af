import type { ZodOpenApiOverrideMeta } from 'zod-openapi';

/**
 * How a parameter is described in the API. Our schemas take one value or several, whatever the address has; the
 * description says which of the two is meant, and which values there are.
 */
type Described = { description: string; override: ZodOpenApiOverrideMeta };

type Values = { values?: readonly string[]; example?: string };

/** A parameter that may be repeated: the values are alternatives. */
export const asList = (description: string, { values, example }: Values = {}): Described =>
  described(`${description} May be repeated: any of them.`, {
    type: 'array',
    items: { type: 'string', ...(values ? { enum: [...values] } : {}) },
    ...(example === undefined ? {} : { examples: [[example]] }),
  });

/** A parameter that has one value. */
export const asText = (description: string, { values, example }: Values = {}): Described =>
  described(description, {
    type: 'string',
    ...(values ? { enum: [...values] } : {}),
    ...(example === undefined ? {} : { examples: [example] }),
  });

/** A parameter that is a number. */
export const asNumber = (description: string, range: { minimum: number; maximum?: number }): Described =>
  described(description, { type: 'integer', ...range });

const described = (description: string, shape: object): Described => ({
  description,
  override: ({ jsonSchema }) => {
    delete jsonSchema.anyOf;
    Object.assign(jsonSchema, shape);
  },
});
