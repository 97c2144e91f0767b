/** How many items a command asks for at once. */
const PAGE_SIZE = 1_000;

/** Everything in a list of the API, however many pages it has. */
export async function allPages<Answer extends { nextPageToken: string }, Item>(
  ask: (page: { pageSize: number; pageToken: string }) => Promise<Answer>,
  itemsOf: (answer: Answer) => readonly Item[],
): Promise<Item[]> {
  const all: Item[] = [];
  let pageToken = "";
  do {
    const answer = await ask({ pageSize: PAGE_SIZE, pageToken });
    all.push(...itemsOf(answer));
    pageToken = answer.nextPageToken;
  } while (pageToken !== "");
  return all;
}
