/** A handler without anything of ours. */
export const handler = async ({ name }: { name: string }): Promise<{ greeting: string }> => ({
  greeting: `Hello, ${name}`,
});
