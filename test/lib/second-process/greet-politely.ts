/** What takes the place of greet.ts when its code changes. */
export const handler = async ({ name }: { name: string }): Promise<{ greeting: string }> => ({
  greeting: `Good day, ${name}`,
});
