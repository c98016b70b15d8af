/** What demo teachers say after using something; true of most lessons, so that any of them may say it. */
export const useNotes = {
  en: [
    'Took two class periods with my fourth hour, one with my sixth. I would cut the warm-up if you only have forty minutes.',
    'I printed it double-sided and had pairs share one sheet. They talked more than when everyone had their own.',
    'My students who usually finish first stayed busy to the end. The last question did that.',
    'Used it as a station with three others. The directions were clear enough that I never had to go over.',
    'Worked well after the easier one on the same standard. I would not start with this.',
    'Gave it to the student teacher to run. She did not need anything from me beforehand.',
    'I read the directions aloud for two students and changed nothing else.',
    'Good for a sub day. The answers came back worth reading.',
    'The second page is where the learning is. Next time I will start there and use page one as homework.',
    'Half the class needed one more day of practice before this. That told me what I wanted to know.',
    'We did it outside with chalk. Same questions, more room.',
    'I kept the student pages and wrote a shorter exit question for my group.',
  ],
  es: [
    'Lo usé con mi grupo de recién llegados y pudieron trabajar solos desde la segunda página.',
    'Lo hicimos en parejas, una persona leía y la otra escribía. Duró cuarenta minutos.',
    'Mandé la primera página a casa; varias familias la resolvieron juntas.',
    'Las instrucciones son claras. Solo cambié los nombres de los ejemplos por los de mi clase.',
  ],
} as const;
