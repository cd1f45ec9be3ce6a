import { readEnv } from '../env.ts';
import { type Entry, keyBook } from './key-book.ts';

const { PROVIDERS_TABLE } = readEnv(['PROVIDERS_TABLE']);
const book = keyBook(PROVIDERS_TABLE);

/**
 * What is known of a key of ours: the provider's own id of what was prepared under it (a payment, a shipment), or that
 * nothing may be done under it any more. Never both, and what stands first stands for good.
 *
 * An adapter prepares at the provider (which costs nobody anything), keeps the id, and acts only on the id that stands.
 * So two calls beside each other act on one thing, which the provider lets happen once, and a call that comes after its
 * own undo finds the key withdrawn. That depends neither on how long a provider remembers idempotency keys (Stripe: 24
 * hours) nor on its search (minutes behind).
 */
export type ProviderReference =
  | { reference: string; withdrawn?: undefined }
  | { reference?: undefined; withdrawn: true };

export async function loadReference(key: string): Promise<ProviderReference | undefined> {
  const entry = await book.read<ProviderReference>(key);
  return entry && toReference(entry);
}

/** Keeps the provider's own id of what was prepared under the key. Answers what stands: this one, an earlier one, `withdrawn`. */
export const keepReference = (key: string, reference: string): Promise<ProviderReference> =>
  putOnce(key, { reference });

/** From now on nothing is kept under the key, unless something is already. Answers what stands. */
export const withdrawKey = (key: string): Promise<ProviderReference> => putOnce(key, { withdrawn: true });

async function putOnce(key: string, reference: ProviderReference): Promise<ProviderReference> {
  const at = new Date().toISOString();
  return toReference(await book.putOnce<ProviderReference & { at: string }>({ key, ...reference, at }));
}

function toReference({ reference, withdrawn }: Entry<ProviderReference>): ProviderReference {
  return withdrawn ? { withdrawn } : { reference };
}
