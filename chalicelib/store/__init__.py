"""DynamoDB and Parameter Store. Functions take their table first and return domain values.

`get` raises NotFound, `find` returns None, `add` puts an item if it is absent, `save` replaces one
under a condition, `mark_…` is one change of state, and `page_of` returns items and the next cursor.
A read whose empty answer is a value, such as a tally of zero, returns that value.

The keys of the tables, with examples, and the questions that they answer:

signatures            PK                        SK
  a signature         belarus-mothers#3f        013f9a… (blind index: 2 + 32 hex digits)
subscribers
  a subscription      belarus-mothers#3         013b07… (another blind index)
  a suppression       #suppressed#9             019a41… (a third, the same for all petitions)
petitions
  a petition          petition                  belarus-mothers
  its versions        petition-version#belarus-mothers          00001
  its key file        petition#belarus-mothers  key-file
  its tally           tally                     belarus-mothers
  its breakdown       figures#belarus-mothers   signatures
  its subscribers     figures#belarus-mothers   audience
  its funnel of a day  figures#belarus-mothers  funnel#2026-01-31
  the last look       public-figures            last-look
  its preview images  preview-image#belarus-mothers             be
  its picture         picture#belarus-mothers   2f5e0a9c41d7b836.svg
  an update           update#belarus-mothers    first-news
  its news            news                      belarus-mothers
  the schedule        schedule                  2026-01-31T09:00:00+00:00#belarus-mothers/first-news
  sent updates        sent#belarus-mothers      first-news
  open alerts         alerts                    8c1f04d27be96a35
  an alert            alert#8c1f04d27be96a35    header
  its content         alert#8c1f04d27be96a35    content
  its chunks          alert#8c1f04d27be96a35    chunk#00000001
  its chunks' events  alert#8c1f04d27be96a35    events#00000001
  its open groups     open-groups#8c1f04d27be96a35      00000001
  the probe           probe                     newest
  the pace of sending  pacing                   account
  an address for tests  test-address            51c0… (keyed hash of an organiser's own address)
limits
  an index salt       index-salt                belarus-mothers
  a value of the day  limit-value               2026-01-31
  mail quota          limit#mail#2026-01-31#9c  9c1d… (keyed hash of an address)
  post quota          limit#posts#2026-01-31T09#77    77ab… (keyed hash of a /24 or a /48)
  mailboxes of a domain    limit#domains#2026-01-31#e1     e1d0… (keyed hash of a domain)
  post total          limit#all#2026-01-31T09:30#2    total
  a spent proof       limit#proof#5e            5e02… (its random nonce)
organisers
  an organiser        organiser                 5c1e0b7fa2d49836
  a passkey           organiser#5c1e0b7fa2d49836        passkey#q1w2…
  a session           organiser#5c1e0b7fa2d49836        session#9f86… (hash of its cookie)
  a mailed link       organiser#5c1e0b7fa2d49836        link
  a petition of an organiser    organiser#5c1e0b7fa2d49836    petition#belarus-mothers
  the people of a petition      people#belarus-mothers        roles (and whether it was removed)
  a spent challenge   challenge#77ab            spent
  a line of a trail   trail#belarus-mothers     00000001
  an approval         approval#belarus-mothers  sending#first-news
  a draft             draft#belarus-mothers     version#99999999
  a text of a draft   draft#belarus-mothers     part#5f0c… (digest of what is written)
  a key file at the desk    key#belarus-mothers    file
  an update with a draft  update-drafts#belarus-mothers      first-news
  a job               job#belarus-mothers       019ad5f0c3e81b07… (its moment, then chance)
  the link to its file  export-link#belarus-mothers      019ad5f0c3e81b07#5c1e…

Questions, each answered by one key or one partition, never by a scan:
  Q1  which petition has this slug?               petitions, one key
  Q2  which petitions are there?                  petitions, one partition (a handful of items)
  Q3  how many have signed?                       petitions, one key, or one partition for all
  Q4  has this address signed?                    signatures, one key
  Q5  which signatures are in this bucket?        signatures, one partition, page by page
  Q6  is this address subscribed?                 subscribers, one key (99 in one batch)
  Q7  which subscribers are in this shard?        subscribers, one partition, page by page
  Q8  which updates has this petition?            petitions, one partition
  Q9  what is the text of this update?            petitions, one key
  Q10 which updates are due by now?               petitions, one partition, from its start
  Q11 which alerts are not complete?              petitions, one partition (usually empty)
  Q12 what does this alert say, how far is it?    petitions, one key
  Q13 what is the state of these chunks?          petitions, one key, or one partition
  Q14 which mails did this address get today?     limits, one key, by the write that counts it
  Q15 how many posts did this network send?       limits, one key, by the write that counts it
  Q16 what is today's random value of limits?     limits, one key
  Q17 is this address suppressed?                 subscribers, one key
  Q18 what waits for digests and milestones?      petitions, one partition (a handful of items)
  Q19 how many posts came in these minutes?       limits, four keys a minute, in one batch
  Q20 has this proof of work been spent?          limits, one key, by the write that spends it
  Q21 what is the preview image of this petition? petitions, one key
  Q22 what is the index salt of this petition?    limits, one key
  Q23 which root keys do petitions use?           limits, one partition (a handful of items)
  Q24 by which alert was this update sent?        petitions, one key, or one partition
  Q25 which groups of chunks are not settled?     petitions, one partition, from its start
  Q26 which root keys do suppressions use?        subscribers, 16 partitions
  Q27 which keys are subscribers sealed to?       subscribers, 16 partitions of each petition
  Q28 what is the key file of this petition?      petitions, one key
  Q29 what was the text in this version?          petitions, one key
  Q30 has anybody filled in a form?               limits, one key
  Q31 when were all public figures set?           petitions, one key
  Q32 how many of this domain confirm today?      limits, one key, by the write that counts it
  Q33 what are the bytes of this picture?         petitions, one key
  Q34 what does SES report about these chunks?    petitions, one key (100 in one batch)
  Q35 how many mails may be sent when?            petitions, one key, by the write that takes a slot
  Q36 how late do events of SES come?             petitions, one key
  Q37 may tests be mailed to this address?        petitions, one key for each job key
  Q38 who did what on this petition?              organisers, one partition, page by page
  Q39 what was approved, what waits for it?       organisers, one key, or one partition
  Q40 who is this organiser?                      organisers, one key (100 in one batch)
  Q41 which passkeys has this organiser?          organisers, one key, or one partition
  Q42 whose is this session, is it live?          organisers, one key, or one partition
  Q43 has this challenge been spent?              organisers, one key, by the write that spends it
  Q44 who has which roles on this petition?       organisers, one key
  Q45 which petitions has this organiser?         organisers, one partition
  Q46 which link was mailed to this organiser?    organisers, one key
  Q47 which organisers are there?                 organisers, one partition
  Q48 what is written in this draft?              organisers, one key, or one partition
  Q49 what is this text or picture of a draft?    organisers, one key (100 in one batch)
  Q50 how far is this job?                        organisers, one key
  Q51 which jobs has this petition?               organisers, one partition (some dozens of items)
  Q52 by which link is this export fetched?       organisers, one key
  Q53 which key file has the desk stored?         organisers, one key
  Q54 which updates have a draft?                 organisers, one partition (some dozens of items)
  Q55 how many signed on which day, who is held?  petitions, one key
  Q56 what is switched off?                       petitions, one key
  Q57 how many forms became signatures?           petitions, one partition (40 items at most)
  Q58 how many subscribers are there?             petitions, one key, as of the last night
"""
