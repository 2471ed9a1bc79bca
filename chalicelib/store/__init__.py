"""DynamoDB and Parameter Store. Functions take their table first and return domain values.

`get` raises NotFound, `find` returns None, `add` puts an item if it is absent, `save` replaces one
under a condition, `mark_…` is one change of state, and `page_of` returns items and the next cursor.
A read whose empty answer is a value, such as a tally of zero, returns that value.

The keys of the four tables, with examples, and the questions that they answer:

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
  Q60 how many signed on which day, who is held?  petitions, one key
  Q61 what is switched off?                       petitions, one key
  Q62 how many forms became signatures?           petitions, one partition (40 items at most)
"""
